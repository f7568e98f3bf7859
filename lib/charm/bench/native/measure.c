/*
 * Runs a program and prints what it cost, children that it waited for included:
 * wall, user and system time in microseconds, the largest resident set in KiB, and the exit code.
 *
 * Usage: measure FOLDER PROGRAM [ARGUMENT ...]. The program's own output goes to standard error.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long micros(struct timeval t) { return t.tv_sec * 1000000LL + t.tv_usec; }

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  pid_t child = fork();
  if (child < 0) return 2;
  if (child == 0) {
    dup2(2, 1);
    if (chdir(argv[1]) == 0) execv(argv[2], argv + 2);
    _exit(127);
  }
  int status;
  struct rusage used;
  if (wait4(child, &status, 0, &used) < 0) return 2;
  clock_gettime(CLOCK_MONOTONIC, &end);
  long long wall = (end.tv_sec - start.tv_sec) * 1000000LL + (end.tv_nsec - start.tv_nsec) / 1000;
  printf("%lld %lld %lld %ld %d\n", wall, micros(used.ru_utime), micros(used.ru_stime), used.ru_maxrss,
         WIFEXITED(status) ? WEXITSTATUS(status) : 128);
  return 0;
}
