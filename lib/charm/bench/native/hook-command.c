/*
 * The hook commands of the benchmark: one static program, named by its links, that answers from a file, so that both
 * sides pay the same for a command.
 *
 * BENCH_ANSWERS: the file. Records of: length and bytes of the key (name and arguments, each ended by a zero byte), exit code,
 * length and bytes of standard output, then of standard error. Numbers are 32 bits, of this machine's byte order.
 * BENCH_COST_MS: how long a command takes beside its own start.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

static uint32_t number(const char *at) {
  uint32_t value;
  memcpy(&value, at, 4);
  return value;
}

static void put(int to, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(to, bytes, length);
    if (written <= 0) exit(1);
    bytes += written;
    length -= (size_t)written;
  }
}

static int refuse(const char *name, const char *why) {
  fprintf(stderr, "ERROR %s: %s\n", name, why);
  return 1;
}

int main(int argc, char **argv) {
  const char *slash = strrchr(argv[0], '/');
  const char *name = slash ? slash + 1 : argv[0];
  const char *cost = getenv("BENCH_COST_MS");
  long ms = cost ? atol(cost) : 0;
  struct timespec pause = {ms / 1000, (ms % 1000) * 1000000L};
  if (ms > 0) nanosleep(&pause, NULL);
  /* The log is the one thing that need not be the same in every run. */
  if (strcmp(name, "juju-log") == 0) return 0;

  size_t length = strlen(name) + 1;
  for (int i = 1; i < argc; i++) length += strlen(argv[i]) + 1;
  char *key = malloc(length);
  char *end = stpcpy(key, name) + 1;
  for (int i = 1; i < argc; i++) end = stpcpy(end, argv[i]) + 1;

  const char *path = getenv("BENCH_ANSWERS");
  int file = path ? open(path, O_RDONLY) : -1;
  struct stat info;
  if (file < 0 || fstat(file, &info) != 0) return refuse(name, "BENCH_ANSWERS cannot be read");
  const char *at = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  if (at == MAP_FAILED) return refuse(name, "BENCH_ANSWERS cannot be mapped");
  for (const char *last = at + info.st_size; at < last;) {
    uint32_t keyLength = number(at);
    const char *found = at + 4;
    const char *code = found + keyLength;
    const char *out = code + 4;
    const char *err = out + 4 + number(out);
    if (keyLength == length && memcmp(found, key, length) == 0) {
      put(1, out + 4, number(out));
      put(2, err + 4, number(err));
      return (int)number(code);
    }
    at = err + 4 + number(err);
  }
  return refuse(name, "the benchmark has no answer to these arguments");
}
