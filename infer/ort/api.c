//go:build cgo

#include "api.h"

#include <stdlib.h>
#include <string.h>

// OrtApi is a struct of function pointers to which versions only ever append, so a function has a number
// for good. TestTable holds these against the binding's copy of onnxruntime's header.
enum {
  fnGetErrorMessage = 2,
  fnRun = 9,
  fnSessionGetOutputTypeInfo = 34,
  fnCreateRunOptions = 39,
  fnRunOptionsSetTerminate = 46,
  fnCreateTensorAsOrtValue = 48,
  fnCreateTensorWithDataAsOrtValue = 49,
  fnGetTensorMutableData = 51,
  fnGetStringTensorDataLength = 53,
  fnGetStringTensorContent = 54,
  fnCastTypeInfoToTensorInfo = 55,
  fnGetOnnxTypeFromTypeInfo = 56,
  fnGetTensorElementType = 60,
  fnGetDimensionsCount = 61,
  fnGetDimensions = 62,
  fnGetTensorTypeAndShape = 65,
  fnGetValueType = 67,
  fnCreateCpuMemoryInfo = 69,
  fnGetAllocatorWithDefaultOptions = 78,
  fnReleaseStatus = 93,
  fnReleaseValue = 96,
  fnReleaseRunOptions = 97,
  fnReleaseTypeInfo = 98,
  fnReleaseTensorTypeAndShapeInfo = 99,
  fnGetResizedStringTensorElementBuffer = 252,
};

typedef void (*fn)(void);
static const fn *table;
static void *memory; // describes plain memory of the CPU

// CALL calls function number i with the given parameter types; all of them return a status.
#define CALL(i, types) ((void *(*) types)table[i])

static char *message(void *status) {
  if (status == NULL) return NULL;
  const char *text = ((const char *(*)(const void *))table[fnGetErrorMessage])(status);
  char *copy = strdup(text != NULL && *text != 0 ? text : "no reason given");
  ((void (*)(void *))table[fnReleaseStatus])(status);
  return copy;
}

struct base {
  const fn *(*get_api)(uint32_t);
  const char *(*get_version)(void);
};

const char *otl_version(const void *base) { return ((const struct base *)base)->get_version(); }

int otl_use(const void *base, uint32_t version) {
  const fn *t = ((const struct base *)base)->get_api(version);
  if (t == NULL) return 0;
  table = t;
  if (memory != NULL) return 1;
  enum { device_allocator = 0, default_memory = 0 };
  char *msg = message(CALL(fnCreateCpuMemoryInfo, (int, int, void **))(device_allocator, default_memory, &memory));
  free(msg);
  return msg == NULL;
}

char *otl_view(void *data, size_t bytes, const int64_t *dims, size_t rank, int type, void **value) {
  return message(CALL(fnCreateTensorWithDataAsOrtValue,
                      (const void *, void *, size_t, const int64_t *, size_t, int, void **))(
      memory, data, bytes, dims, rank, type, value));
}

char *otl_alloc(const int64_t *dims, size_t rank, int type, void **value) {
  void *allocator = NULL;
  char *msg = message(CALL(fnGetAllocatorWithDefaultOptions, (void **))(&allocator));
  if (msg != NULL) return msg;
  return message(CALL(fnCreateTensorAsOrtValue, (void *, const int64_t *, size_t, int, void **))(
      allocator, dims, rank, type, value));
}

void otl_release(void *value) {
  if (value != NULL) ((void (*)(void *))table[fnReleaseValue])(value);
}

char *otl_set_strings(void *value, const char *text, const size_t *ends, size_t n) {
  size_t start = 0;
  for (size_t i = 0; i < n; i++) {
    char *dst = NULL;
    size_t len = ends[i] - start;
    char *msg = message(CALL(fnGetResizedStringTensorElementBuffer, (void *, size_t, size_t, char **))(value, i, len, &dst));
    if (msg != NULL) return msg;
    if (len > 0) memcpy(dst, text + start, len);
    start = ends[i];
  }
  return NULL;
}

char *otl_strings_size(void *value, size_t *bytes) {
  return message(CALL(fnGetStringTensorDataLength, (const void *, size_t *))(value, bytes));
}

char *otl_get_strings(void *value, char *text, size_t bytes, size_t *starts, size_t n) {
  char none;
  return message(CALL(fnGetStringTensorContent, (const void *, void *, size_t, size_t *, size_t))(
      value, bytes > 0 ? text : &none, bytes, starts, n));
}

char *otl_describe(void *value, int *kind, int *type, int64_t *dims, size_t cap, size_t *rank) {
  enum { is_tensor = 1 };
  char *msg = message(CALL(fnGetValueType, (const void *, int *))(value, kind));
  if (msg != NULL || *kind != is_tensor) return msg;
  void *info = NULL;
  msg = message(CALL(fnGetTensorTypeAndShape, (const void *, void **))(value, &info));
  if (msg != NULL) return msg;
  msg = message(CALL(fnGetTensorElementType, (const void *, int *))(info, type));
  if (msg == NULL) msg = message(CALL(fnGetDimensionsCount, (const void *, size_t *))(info, rank));
  if (msg == NULL && *rank <= cap) msg = message(CALL(fnGetDimensions, (const void *, int64_t *, size_t))(info, dims, *rank));
  ((void (*)(void *))table[fnReleaseTensorTypeAndShapeInfo])(info);
  return msg;
}

char *otl_data(void *value, void **data) {
  return message(CALL(fnGetTensorMutableData, (void *, void **))(value, data));
}

char *otl_output_type(void *session, size_t i, int *kind, int *type) {
  void *info = NULL;
  char *msg = message(CALL(fnSessionGetOutputTypeInfo, (const void *, size_t, void **))(session, i, &info));
  if (msg != NULL) return msg;
  const void *tensor = NULL; // belongs to info
  msg = message(CALL(fnGetOnnxTypeFromTypeInfo, (const void *, int *))(info, kind));
  if (msg == NULL) msg = message(CALL(fnCastTypeInfoToTensorInfo, (const void *, const void **))(info, &tensor));
  if (msg == NULL && tensor != NULL) msg = message(CALL(fnGetTensorElementType, (const void *, int *))(tensor, type));
  ((void (*)(void *))table[fnReleaseTypeInfo])(info);
  return msg;
}

char *otl_run(void *session, void *options, const char *const *in_names, void *const *in, size_t nin,
              const char *const *out_names, void **out, size_t nout) {
  return message(CALL(fnRun, (void *, const void *, const char *const *, const void *const *, size_t,
                              const char *const *, size_t, void **))(
      session, options, in_names, (const void *const *)in, nin, out_names, nout, out));
}

char *otl_run_options(void **options) { return message(CALL(fnCreateRunOptions, (void **))(options)); }

void otl_terminate(void *options) { free(message(CALL(fnRunOptionsSetTerminate, (void *))(options))); }

void otl_release_run_options(void *options) {
  if (options != NULL) ((void (*)(void *))table[fnReleaseRunOptions])(options);
}
