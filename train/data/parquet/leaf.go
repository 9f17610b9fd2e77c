package parquet

import (
	"errors"
	"fmt"

	"github.com/onnxtool/onnxtool/train/data"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// meaning is what the stored values of a column stand for.
type meaning uint8

const (
	number meaning = iota // as stored
	unsigned
	half
	decimal
	text
	uuid
	date        // days since 1970
	clock       // time of day in units
	timestamp   // units since 1970, without a time zone
	instant     // the same in UTC
	int96       // nanoseconds of a day, then the Julian day
	nothing     // every value is null
	unsupported // what says why
)

// A leaf is a column of the file.
type leaf struct {
	name     string
	index    int // among the columns of a row group
	physical format.Type
	length   int // of a fixed-length value
	optional bool
	means    meaning
	unit     int64 // in a second
	scale    int   // of decimals
	why      string
	kind     data.Kind // of the values made of it
	asText   bool      // text is asked for
}

// mostLength is the most bytes of a fixed-length value.
const mostLength = 1 << 16

// leaves returns the columns of a schema, those that are nested with the reason why they cannot be read.
func leaves(schema []format.SchemaElement) ([]*leaf, error) {
	if len(schema) == 0 {
		return nil, errors.New("it has no schema")
	}
	var out []*leaf
	at, index := 1, 0
	for at < len(schema) {
		e := &schema[at]
		l := &leaf{name: e.Name, index: index}
		if e.Type.Valid {
			l.describe(e)
			at++
			index++
		} else {
			end, columns, err := group(schema, at, 0)
			if err != nil {
				return nil, err
			}
			l.means, l.why = unsupported, "it is nested ("+groupName(e)+")"
			at, index = end, index+columns
		}
		out = append(out, l)
	}
	if n := schema[0].NumChildren.V; int(n) != len(out) {
		return nil, fmt.Errorf("its schema has %d columns, and says that there are %d", len(out), n)
	}
	return out, nil
}

// group returns the element after a group and its columns.
func group(schema []format.SchemaElement, at, depth int) (end, columns int, err error) {
	if depth > 64 {
		return 0, 0, errors.New("its schema is nested more than 64 deep")
	}
	n := schema[at].NumChildren.V
	at++
	for range n {
		if at >= len(schema) {
			return 0, 0, errors.New("its schema ends in a group")
		}
		if schema[at].Type.Valid {
			at++
			columns++
			continue
		}
		var more int
		if at, more, err = group(schema, at, depth+1); err != nil {
			return 0, 0, err
		}
		columns += more
	}
	return at, columns, nil
}

func groupName(e *format.SchemaElement) string {
	switch e.LogicalType.Value.(type) {
	case *format.ListType:
		return "a list"
	case *format.MapType:
		return "a map"
	}
	if e.ConvertedType.Valid {
		switch e.ConvertedType.V {
		case deprecated.List:
			return "a list"
		case deprecated.Map, deprecated.MapKeyValue:
			return "a map"
		}
	}
	return "a struct"
}

// describe says what a column's values are.
func (l *leaf) describe(e *format.SchemaElement) {
	l.physical, l.length = e.Type.V, int(e.TypeLength.V)
	l.optional = e.RepetitionType.V == format.Optional
	if e.RepetitionType.V == format.Repeated {
		l.refuse("it is nested (repeated)")
		return
	}
	if l.physical < format.Boolean || l.physical > format.FixedLenByteArray {
		l.refuse(fmt.Sprintf("its type %d is not known", int(l.physical)))
		return
	}
	if l.physical == format.FixedLenByteArray && (l.length <= 0 || l.length > mostLength) {
		l.refuse(fmt.Sprintf("its values are of %d bytes", l.length))
		return
	}
	switch l.physical {
	case format.Boolean, format.Int32, format.Int64:
		l.kind = data.Int
	case format.Int96:
		l.means, l.kind = int96, data.String
	case format.ByteArray:
		l.means, l.kind = text, data.String
	case format.FixedLenByteArray:
		l.refuse("it holds bytes, which are neither numbers nor text")
	}
	if e.LogicalType.Value != nil {
		l.logical(e)
	} else if e.ConvertedType.Valid {
		l.converted(e)
	}
}

func (l *leaf) refuse(why string) { l.means, l.why = unsupported, why }

// set gives a meaning that some stored types can have.
func (l *leaf) set(m meaning, k data.Kind, stored ...format.Type) {
	for _, t := range stored {
		if l.physical == t {
			l.means, l.kind = m, k
			return
		}
	}
	l.refuse(fmt.Sprintf("its values are stored as %v, which does not go with their type", l.physical))
}

func (l *leaf) logical(e *format.SchemaElement) {
	switch t := e.LogicalType.Value.(type) {
	case *format.StringType, *format.EnumType, *format.JsonType:
		l.set(text, data.String, format.ByteArray)
	case *format.UUIDType:
		if l.set(uuid, data.String, format.FixedLenByteArray); l.length != 16 {
			l.refuse("its UUIDs are not of 16 bytes")
		}
	case *format.Float16Type:
		if l.set(half, data.Float, format.FixedLenByteArray); l.length != 2 {
			l.refuse("its 16-bit floats are not of 2 bytes")
		}
	case *format.DecimalType:
		l.decimals(t.Scale)
	case *format.DateType:
		l.set(date, data.String, format.Int32)
	case *format.IntType:
		if l.set(number, data.Int, format.Int32, format.Int64); l.means == number && !t.IsSigned {
			l.means = unsigned
		}
	case *format.TimeType:
		l.set(clock, data.String, format.Int32, format.Int64)
		l.units(t.Unit)
	case *format.TimestampType:
		l.set(timestamp, data.String, format.Int64)
		if l.means == timestamp && t.IsAdjustedToUTC {
			l.means = instant
		}
		l.units(t.Unit)
	case *format.NullType:
		l.means, l.kind = nothing, data.Float
	default:
		l.refuse(fmt.Sprintf("its type %v is not supported", e.LogicalType))
	}
}

func (l *leaf) units(u format.TimeUnit) {
	switch u.Value.(type) {
	case *format.MilliSeconds:
		l.unit = 1e3
	case *format.MicroSeconds:
		l.unit = 1e6
	case *format.NanoSeconds:
		l.unit = 1e9
	default:
		l.refuse("the unit of its times is not known")
	}
}

// mostScale is the most digits of a decimal; 256 bits have 77.
const mostScale = 100

func (l *leaf) decimals(scale int32) {
	if l.scale = int(scale); scale < 0 || scale > mostScale {
		l.refuse(fmt.Sprintf("its decimals have %d digits after the point", scale))
		return
	}
	l.set(decimal, data.Float, format.Int32, format.Int64, format.ByteArray, format.FixedLenByteArray)
}

// converted is logical for files of older writers.
func (l *leaf) converted(e *format.SchemaElement) {
	switch t := e.ConvertedType.V; t {
	case deprecated.UTF8, deprecated.Enum, deprecated.Json:
		l.set(text, data.String, format.ByteArray)
	case deprecated.Decimal:
		l.decimals(e.Scale.V)
	case deprecated.Date:
		l.set(date, data.String, format.Int32)
	case deprecated.TimeMillis:
		l.unit = 1e3
		l.set(clock, data.String, format.Int32)
	case deprecated.TimeMicros:
		l.unit = 1e6
		l.set(clock, data.String, format.Int64)
	case deprecated.TimestampMillis:
		l.unit = 1e3
		l.set(instant, data.String, format.Int64)
	case deprecated.TimestampMicros:
		l.unit = 1e6
		l.set(instant, data.String, format.Int64)
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		l.set(unsigned, data.Int, format.Int32, format.Int64)
	case deprecated.Int8, deprecated.Int16, deprecated.Int32, deprecated.Int64:
		l.set(number, data.Int, format.Int32, format.Int64)
	default:
		l.refuse(fmt.Sprintf("its type %v is not supported", t))
	}
}
