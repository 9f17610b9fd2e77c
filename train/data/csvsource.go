package data

// CSVSource streams batches from a CSV file that need not fit in memory: each epoch reads it once.
type CSVSource struct {
	Path string
	CSV  CSVOptions
	// Convert makes examples of rows, see [TableSource].
	Convert  func(*Table) (*Dataset, error)
	Window   int // see [StreamOptions]
	Seed     uint64
	Size     int  // examples in a batch; 0 is 32
	DropLast bool // leave out a last batch that is smaller
}

// Len returns -1: the examples are not counted before they are read.
func (s *CSVSource) Len() int { return -1 }

// Epoch opens the file.
func (s *CSVSource) Epoch(epoch int) (Iterator, error) {
	t := TableSource{
		Open:    func() (TableReader, error) { return OpenCSV(s.Path, s.CSV) },
		Convert: s.Convert,
		Stream:  StreamOptions{Size: s.Size, Window: s.Window, Seed: s.Seed, DropLast: s.DropLast},
	}
	return t.Epoch(epoch)
}
