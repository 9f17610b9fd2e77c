package spec

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		in   string
		fail string // part of the error
	}{
		{"adam", ""},
		{" Adam : rate = 0.5 , on ", ""},
		{"adam:rate=0.5,count=3,on=True,names=[a,b]", ""},
		{"adam:rate=None", ""},
		{"", "has no name"},
		{":rate=1", "has no name"},
		{"adam:=1", "no key"},
		{"adam:rate=1,rate=2", "twice"},
		{"adam:rate=x", "rate=x is not a number"},
		{"adam:rate=nan", "not a number"},
		{"adam:count=1.5", "not a whole number"},
		{"adam:on=maybe", "true or false"},
		{"adam:ratee=1", `did you mean "rate"?; it has count, names, on, rate`},
	} {
		p, err := Parse(c.in)
		if err == nil {
			var rate float64
			var count int
			var on bool
			var names []string
			p.Float("rate", &rate)
			p.Int("count", &count)
			p.Bool("on", &on)
			p.Strings("names", &names)
			err = p.Done()
			if err == nil && strings.Contains(c.in, "count=3") && (rate != .5 || count != 3 || !on || len(names) != 2) {
				t.Errorf("%q: %v %v %v %v", c.in, rate, count, on, names)
			}
		}
		switch {
		case c.fail == "" && err != nil:
			t.Errorf("%q: %v", c.in, err)
		case c.fail != "" && (err == nil || !strings.Contains(err.Error(), c.fail)):
			t.Errorf("%q: %v, want %q", c.in, err, c.fail)
		}
	}
}
