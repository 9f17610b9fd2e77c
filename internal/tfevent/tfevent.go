// Package tfevent writes the event files that TensorBoard shows.
//
// A file is a sequence of records, each framed as TFRecord does: length, masked CRC-32C of the length, data,
// masked CRC-32C of the data, all little-endian. The data is an Event of TensorFlow's event.proto:
// wall_time 1, step 2, file_version 3, summary 5, session_log 7. A summary's value has tag 1, simple_value 2,
// histo 5.
package tfevent

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Writer appends events to a file.
type Writer struct {
	f   *os.File
	now func() time.Time
}

// Create starts a new event file in a folder, which is made where it is missing. A training that goes on at
// a step says so: TensorBoard then drops what an earlier file of the folder holds from that step on. 0 is none.
func Create(dir string, resume int64) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	now := time.Now()
	name := fmt.Sprintf("events.out.tfevents.%010d.%09d.%s.%d", now.Unix(), now.Nanosecond(), host, os.Getpid())
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	w := &Writer{f: f, now: time.Now}
	if err := w.begin(resume); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return w, nil
}

func (w *Writer) begin(resume int64) error {
	if err := w.write(protowire.AppendString(protowire.AppendTag(w.event(0), 3, protowire.BytesType), "brain.Event:2")); err != nil || resume == 0 {
		return err
	}
	const start = 1 // SessionLog.START
	log := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), start)
	return w.write(appendMessage(w.event(resume), 7, log))
}

// Scalar writes a number.
func (w *Writer) Scalar(tag string, step int64, v float64) error {
	value := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), tag)
	value = protowire.AppendFixed32(protowire.AppendTag(value, 2, protowire.Fixed32Type), math.Float32bits(float32(v)))
	return w.summary(step, value)
}

// Histogram writes how finite values are spread.
func (w *Writer) Histogram(tag string, step int64, values []float32) error {
	h := newHistogram(values)
	var m []byte
	for i, v := range []float64{h.min, h.max, h.num, h.sum, h.squares} {
		m = appendDouble(m, protowire.Number(i+1), v)
	}
	m = appendDoubles(m, 6, h.limits)
	m = appendDoubles(m, 7, h.counts)
	value := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), tag)
	return w.summary(step, appendMessage(value, 5, m))
}

// Close closes the file.
func (w *Writer) Close() error { return w.f.Close() }

func (w *Writer) summary(step int64, value []byte) error {
	return w.write(appendMessage(w.event(step), 5, appendMessage(nil, 1, value)))
}

// event returns the head of an event. As in every proto3 message a step of 0 is left out.
func (w *Writer) event(step int64) []byte {
	now := w.now()
	b := appendDouble(nil, 1, float64(now.Unix())+float64(now.Nanosecond())/1e9)
	if step != 0 {
		b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), uint64(step))
	}
	return b
}

// write frames an event. A record is one call of the system, so that a killed process leaves whole records.
func (w *Writer) write(event []byte) error {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(event)))
	b = binary.LittleEndian.AppendUint32(b, masked(b))
	b = append(b, event...)
	b = binary.LittleEndian.AppendUint32(b, masked(event))
	_, err := w.f.Write(b)
	return err
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is TFRecord's checksum: a CRC of data that holds CRCs would be weak.
func masked(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

func appendMessage(b []byte, field protowire.Number, m []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), m)
}

// appendDouble appends a number, or nothing for 0, as proto3 does.
func appendDouble(b []byte, field protowire.Number, v float64) []byte {
	if math.Float64bits(v) == 0 {
		return b
	}
	return protowire.AppendFixed64(protowire.AppendTag(b, field, protowire.Fixed64Type), math.Float64bits(v))
}

func appendDoubles(b []byte, field protowire.Number, values []float64) []byte {
	if len(values) == 0 {
		return b
	}
	var packed []byte
	for _, v := range values {
		packed = protowire.AppendFixed64(packed, math.Float64bits(v))
	}
	return appendMessage(b, field, packed)
}
