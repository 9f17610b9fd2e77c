// What the session needs of onnxruntime's C API beyond the Go binding: values of every type, runs that
// allocate their outputs, and cancelling. Functions return NULL, or a message that the caller frees.
#ifndef ONNXTOOL_ORT_API_H
#define ONNXTOOL_ORT_API_H

#include <stddef.h>
#include <stdint.h>

// The version that an OrtApiBase reports, as in 1.24.4.
const char *otl_version(const void *base);

// Takes the function table of the given API version; returns 0 where the library has none.
int otl_use(const void *base, uint32_t version);

// A tensor over the caller's memory, which must live as long as the value.
char *otl_view(void *data, size_t bytes, const int64_t *dims, size_t rank, int type, void **value);
// A tensor with memory of its own.
char *otl_alloc(const int64_t *dims, size_t rank, int type, void **value);
void otl_release(void *value);

// Strings lie one after the other in text; ends has the end of each.
char *otl_set_strings(void *value, const char *text, const size_t *ends, size_t n);
char *otl_strings_size(void *value, size_t *bytes);
char *otl_get_strings(void *value, char *text, size_t bytes, size_t *starts, size_t n);

// kind is an ONNXType; the rest is set for tensors alone. dims has room for cap dimensions.
char *otl_describe(void *value, int *kind, int *type, int64_t *dims, size_t cap, size_t *rank);
char *otl_data(void *value, void **data);
// The kind and element type that a session's i-th output is declared or inferred to have.
char *otl_output_type(void *session, size_t i, int *kind, int *type);

char *otl_run(void *session, void *options, const char *const *in_names, void *const *in, size_t nin,
              const char *const *out_names, void **out, size_t nout);
char *otl_run_options(void **options);
void otl_terminate(void *options);
void otl_release_run_options(void *options);

#endif
