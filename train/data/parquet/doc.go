// Package parquet reads Parquet files as tables, row group by row group and page by page, so that a file may be
// larger than memory.
//
// What a file says of itself is checked before memory is taken for it or a decoder sees it: the footer and the
// headers of pages (their Thrift is walked first), where chunks lie, sizes of pages before and after decompression,
// numbers of values, the lengths of runs. A page takes at most 64 MiB, a reader's dictionaries and pages and a table
// at most [Options].MaxBytes. The metadata, runs and deltas are then decoded by parquet-go, the pages decompressed by
// its users' usual packages.
//
// A table has one value in each row and column. Columns that are nested (lists, maps, structs) are an error where they
// are to be read, which names them.
//
//	Parquet                          data.Kind
//	booleans                         Int, 0 and 1; "True" and "False" where text is asked for
//	integers                         Int
//	float, double, float16, decimals Float
//	strings, enums, JSON, UUIDs      String; dictionaries (pandas's categories) as what they hold
//	dates, times, timestamps         String, as pandas writes them to CSV: 2019-03-31, 2019-03-31 23:59:59.5
//	null                             a missing value
package parquet
