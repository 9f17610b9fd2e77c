package kernel

// open returns the gates, the state and the place in Y of a sequence at a step; done reports that the
// sequence has ended, for which zeros are written.
func (r *Recurrent[T]) open(w *recurrentStep[T], b int) (gates, h, y []T, done bool) {
	n := r.Hidden
	if w.Y != nil {
		at := (w.t*r.Directions+w.dir)*r.Batch + b
		if r.BatchFirst {
			at = (b*r.Steps+w.t)*r.Directions + w.dir
		}
		y = w.Y[at*n : (at+1)*n]
	}
	if w.Lens != nil && w.t >= int(w.Lens[b]) {
		clear(y)
		return nil, nil, nil, true
	}
	return w.gates[b*r.gates : (b+1)*r.gates], w.h[b*n : (b+1)*n], y, false
}

// act clips and applies an activation in place.
func (r *Recurrent[T]) act(w *recurrentStep[T], i int, x []T) {
	if c := T(r.Clip); c > 0 {
		for j, v := range x {
			x[j] = min(max(v, -c), c)
		}
	}
	r.acts[w.dir][i](x, x)
}

func (r *Recurrent[T]) rnn(w recurrentStep[T], b int) {
	g, h, y, done := r.open(&w, b)
	if done {
		return
	}
	r.act(&w, 0, g)
	copy(h, g)
	copy(y, h)
}

// gruReset activates r and multiplies the state by it.
func (r *Recurrent[T]) gruReset(w recurrentStep[T], b int) {
	n := r.Hidden
	gate := w.gates[b*r.gates+n:][:n]
	r.act(&w, 0, gate)
	d := w.work[b*n : (b+1)*n]
	h := w.h[b*n:][:n]
	for i, v := range gate {
		d[i] = v * h[i]
	}
}

func (r *Recurrent[T]) gru(w recurrentStep[T], b int) {
	g, h, y, done := r.open(&w, b)
	if done {
		return
	}
	n := r.Hidden
	z, reset, c := g[:n], g[n:2*n], g[2*n:]
	r.act(&w, 0, z)
	if r.ResetAfter {
		r.act(&w, 0, reset)
		product := w.work[b*n:][:n]
		for i, v := range reset {
			p := product[i]
			if w.bias != nil {
				p += w.bias[i]
			}
			c[i] += v * p
		}
	}
	r.act(&w, 1, c)
	for i, v := range z {
		h[i] = (1-v)*c[i] + v*h[i]
	}
	copy(y, h)
}

func (r *Recurrent[T]) lstm(w recurrentStep[T], b int) {
	g, h, y, done := r.open(&w, b)
	if done {
		return
	}
	n := r.Hidden
	in, out, forget, candidate := g[:n], g[n:2*n], g[2*n:3*n], g[3*n:]
	c := w.c[b*n : (b+1)*n]
	if w.p != nil {
		addProduct(in, w.p[:n], c)
		addProduct(forget, w.p[2*n:3*n], c)
	}
	r.act(&w, 0, in)
	if r.Couple {
		for i, v := range in {
			forget[i] = 1 - v
		}
	} else {
		r.act(&w, 0, forget)
	}
	r.act(&w, 1, candidate)
	for i := range c {
		c[i] = forget[i]*c[i] + in[i]*candidate[i]
	}
	if w.p != nil {
		addProduct(out, w.p[n:2*n], c)
	}
	r.act(&w, 0, out)
	copy(h, c)
	r.act(&w, 2, h)
	for i, v := range out {
		h[i] *= v
	}
	copy(y, h)
}

// addProduct computes d += a*b.
func addProduct[T Float](d, a, b []T) {
	a, b = a[:len(d)], b[:len(d)]
	for i := range d {
		d[i] += a[i] * b[i]
	}
}
