//go:build cgo

package ort

/*
#include "api.h"
#include <stdlib.h>
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	binding "github.com/yalue/onnxruntime_go"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Session is a model that is ready to run on onnxruntime. It may be used by many goroutines at once.
type Session struct {
	ins  []infer.ValueInfo
	outs []infer.ValueInfo
	copy []copied // outputs that onnxruntime is not asked for

	mu      sync.RWMutex // held for reading while running, for writing while closing
	dynamic *binding.DynamicAdvancedSession
	raw     unsafe.Pointer // its OrtSession
	names   cNames         // of the inputs, then of the outputs that onnxruntime computes
	nout    int
	closer  func() error
}

// Open reads a model from a file and prepares it.
func Open(path string, opt Options) (*Session, error) {
	m, err := onnxio.Load(path)
	if err != nil {
		return nil, err
	}
	s, err := New(m, opt)
	if err != nil {
		m.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.closer = m.Close
	return s, nil
}

// OpenBytes prepares a model that is in memory as a file would have it.
func OpenBytes(model []byte, opt Options) (*Session, error) {
	m, err := onnxio.LoadBytes(model)
	if err != nil {
		return nil, err
	}
	return New(m, opt)
}

// New prepares a model, which must not be closed before the session is.
func New(m *onnxio.Model, opt Options) (*Session, error) {
	if _, err := Load(Options{Library: opt.Library}); err != nil {
		return nil, err
	}
	v, err := newView(m, opt.Outputs)
	if err != nil {
		return nil, err
	}
	s := &Session{ins: v.ins, outs: v.outs, copy: v.copied, nout: len(v.computed), closer: func() error { return nil }}
	if len(v.computed) == 0 {
		return s, nil
	}
	if err := s.open(v, opt); err != nil {
		return nil, err
	}
	return s, nil
}

// open makes the session of the binding.
func (s *Session) open(v *view, opt Options) error {
	// onnxruntime opens external data by itself: where it lies is checked before.
	for t := range v.model.Tensors() {
		if t.DataLocation == onnxio.DataLocationExternal {
			if _, err := t.Value(); err != nil {
				return err
			}
		}
	}
	file, err := onnxio.Marshal(v.model)
	if err != nil {
		return err
	}
	so, err := sessionOptions(v.model, opt)
	if err != nil {
		return fmt.Errorf("onnxruntime: %w", err)
	}
	defer so.Destroy()
	if s.dynamic, err = binding.NewDynamicAdvancedSessionWithONNXData(file, nil, nil, so); err != nil {
		return openError(err)
	}
	if s.raw, err = rawSession(s.dynamic); err == nil {
		s.names = newCNames(s.ins, v.computed)
		err = s.completeTypes(v)
	}
	if err != nil {
		s.Close()
	}
	return err
}

// completeTypes fills in the element types of outputs that the document does not declare.
func (s *Session) completeTypes(v *view) error {
	for i, name := range v.computed {
		var kind, number C.int
		if err := take(C.otl_output_type(s.raw, C.size_t(i), &kind, &number)); err != nil {
			return fmt.Errorf("onnxruntime: output %s: %w", name, err)
		}
		if kind != kindTensor {
			return fmt.Errorf("%w: output %s is a %s, not a tensor", infer.ErrUnsupported, name, kindName(kind))
		}
		d, err := fromNumber(number)
		if err != nil {
			return fmt.Errorf("output %s: %w", name, err)
		}
		for k := range s.outs {
			if s.outs[k].Name == name {
				s.outs[k].DType = d
			}
		}
	}
	return nil
}

// unsupportedMarks are what onnxruntime says of models that it can read and cannot run.
var unsupportedMarks = []string{"NOT_IMPLEMENTED", "Could not find an implementation", "Failed to find kernel for", "is not a registered function/op", "No Op registered for", "is not currently registered or supported",
	"is under development and support for this is limited", "Unsupported model IR version", "Unsupported model, IR_VERSION"}

func openError(err error) error {
	text := strings.TrimPrefix(err.Error(), "Error creating C session: ")
	for _, mark := range unsupportedMarks {
		if strings.Contains(text, mark) {
			return fmt.Errorf("%w by onnxruntime: %s", infer.ErrUnsupported, text)
		}
	}
	return errors.New("onnxruntime: " + text)
}

// rawSession returns the OrtSession that the binding keeps to itself.
func rawSession(d *binding.DynamicAdvancedSession) (unsafe.Pointer, error) {
	inner := reflect.ValueOf(d).Elem().FieldByName("s")
	if inner.Kind() == reflect.Pointer && inner.Elem().Kind() == reflect.Struct {
		if p := inner.Elem().FieldByName("ortSession"); p.Kind() == reflect.Pointer && !p.IsNil() {
			return p.UnsafePointer(), nil
		}
	}
	return nil, errors.New("onnxruntime: this version of the Go binding keeps its session elsewhere")
}

func sessionOptions(m *onnxio.Model, opt Options) (*binding.SessionOptions, error) {
	so, err := binding.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	level, ok := map[Level]binding.GraphOptimizationLevel{
		OptimizeAll: binding.GraphOptimizationLevelEnableAll, OptimizeExtended: binding.GraphOptimizationLevelEnableExtended,
		OptimizeBasic: binding.GraphOptimizationLevelEnableBasic, OptimizeOff: binding.GraphOptimizationLevelDisableAll,
	}[opt.Optimize]
	switch {
	case !ok:
		err = fmt.Errorf("no such optimization level: %v", opt.Optimize)
	case opt.Threads < 0:
		err = fmt.Errorf("%d threads", opt.Threads)
	default:
		err = errors.Join(so.SetGraphOptimizationLevel(level), so.SetIntraOpNumThreads(opt.Threads), so.SetInterOpNumThreads(1),
			so.SetLogSeverityLevel(binding.LoggingLevelFatal))
	}
	if dir := m.Dir(); err == nil && dir != "" {
		err = so.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", dir)
	}
	if err != nil {
		so.Destroy()
		return nil, err
	}
	return so, nil
}

// Inputs describes what Run wants: the model's inputs that have no value of their own.
func (s *Session) Inputs() []infer.ValueInfo { return s.ins }

// Outputs describes what Run gives.
func (s *Session) Outputs() []infer.ValueInfo { return s.outs }

// Close frees what the session holds, after the runs that are under way.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closer == nil {
		return nil
	}
	if s.dynamic != nil {
		s.dynamic.Destroy()
	}
	s.names.free()
	s.dynamic, s.raw = nil, nil
	closer := s.closer
	s.closer = nil
	return closer()
}

var errClosed = fmt.Errorf("onnxruntime: %w", infer.ErrClosed)

// Run computes the outputs from the inputs, both by name. The result's memory is the caller's.
// When ctx ends, onnxruntime stops after the operator it is at.
func (s *Session) Run(ctx context.Context, inputs map[string]tensor.Any) (map[string]tensor.Any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closer == nil {
		return nil, errClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in, err := infer.Arrange(s.ins, inputs)
	if err != nil {
		return nil, err
	}
	var pins runtime.Pinner
	defer pins.Unpin()
	out := make([]unsafe.Pointer, s.nout)
	defer func() { releaseAll(out) }()
	if s.nout > 0 {
		values, err := newValues(&pins, s.ins, in)
		if err != nil {
			return nil, err
		}
		defer releaseAll(values)
		if err := s.call(ctx, values, out); err != nil {
			return nil, err
		}
	}
	return s.results(in, out)
}

func (s *Session) results(in []tensor.Any, out []unsafe.Pointer) (map[string]tensor.Any, error) {
	result := make(map[string]tensor.Any, len(s.outs))
	for _, c := range s.copy {
		v := c.value
		for i, info := range s.ins {
			if c.input && info.Name == c.name {
				v = in[i]
			}
		}
		result[c.name] = tensor.CloneAny(v)
	}
	for i, p := range out {
		name := s.names.output(i)
		v, err := readValue(p)
		if err != nil {
			return nil, fmt.Errorf("output %s: %w", name, err)
		}
		result[name] = v
	}
	return result, nil
}

func newValues(p *runtime.Pinner, infos []infer.ValueInfo, in []tensor.Any) ([]unsafe.Pointer, error) {
	values := make([]unsafe.Pointer, len(in))
	for i, t := range in {
		v, err := newValue(p, t)
		if err != nil {
			releaseAll(values)
			return nil, fmt.Errorf("input %s: %w", infos[i].Name, err)
		}
		values[i] = v
	}
	return values, nil
}

func releaseAll(values []unsafe.Pointer) {
	for _, v := range values {
		C.otl_release(v)
	}
}

// call runs the graph. Outputs that are nil are made by onnxruntime.
func (s *Session) call(ctx context.Context, in, out []unsafe.Pointer) error {
	var err error
	if ctx.Done() == nil {
		err = take(s.start(nil, in, out))
	} else {
		err = s.stoppable(ctx, in, out)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return fmt.Errorf("run on onnxruntime: %w", err)
}

// stoppable is a run that ends soon after ctx does.
func (s *Session) stoppable(ctx context.Context, in, out []unsafe.Pointer) error {
	var options unsafe.Pointer
	if err := take(C.otl_run_options(&options)); err != nil {
		return err
	}
	defer C.otl_release_run_options(options)
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		C.otl_terminate(options)
		close(stopped)
	})
	defer func() {
		if !stop() {
			<-stopped // it is using the options
		}
	}()
	return take(s.start(options, in, out))
}

func (s *Session) start(options unsafe.Pointer, in, out []unsafe.Pointer) *C.char {
	nin := len(s.ins)
	inNames, outNames := s.names.list, (**C.char)(unsafe.Add(unsafe.Pointer(s.names.list), uintptr(nin)*unsafe.Sizeof(s.names.list)))
	return C.otl_run(s.raw, options, inNames, unsafe.SliceData(in), C.size_t(nin), outNames, unsafe.SliceData(out), C.size_t(len(out)))
}

// cNames is a list of names in C's memory, so that a run need not make it.
type cNames struct {
	list  **C.char
	ins   int
	names []string
}

func newCNames(ins []infer.ValueInfo, outs []string) cNames {
	n := cNames{ins: len(ins)}
	for _, v := range ins {
		n.names = append(n.names, v.Name)
	}
	n.names = append(n.names, outs...)
	n.list = (**C.char)(C.malloc(C.size_t(len(n.names)) * C.size_t(unsafe.Sizeof(n.list))))
	for i, name := range n.names {
		n.slice()[i] = C.CString(name)
	}
	return n
}

func (n *cNames) slice() []*C.char { return unsafe.Slice(n.list, len(n.names)) }

func (n *cNames) output(i int) string { return n.names[n.ins+i] }

func (n *cNames) free() {
	if n.list == nil {
		return
	}
	for _, p := range n.slice() {
		C.free(unsafe.Pointer(p))
	}
	C.free(unsafe.Pointer(n.list))
	n.list = nil
}
