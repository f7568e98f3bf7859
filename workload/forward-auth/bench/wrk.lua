-- Sends whole requests from a file (requests.ts tells its layout), mapped into memory, in the file's order from a given start on.
-- Usage: wrk -s wrk.lua URL -- FILE START
local ffi = require("ffi")
ffi.cdef [[
  int open(const char *path, int flags);
  long lseek(int fd, long offset, int whence);
  void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset);
]]

local head, offsets, order, data, count, orders, at

function init(args)
  local file = ffi.C.open(args[1], 0)
  local size = ffi.C.lseek(file, 0, 2)
  head = ffi.cast("uint32_t *", ffi.C.mmap(nil, size, 1, 2, file, 0))
  count, orders = head[0], head[1]
  offsets = head + 2
  order = offsets + count + 1
  data = ffi.cast("char *", order + orders)
  at = tonumber(args[2]) or 0
end

function request()
  local index
  if orders == 0 then index = at % count else index = order[at % orders] end
  at = at + 1
  return ffi.string(data + offsets[index], offsets[index + 1] - offsets[index])
end

function done(summary, latency, requests)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"p50":%d,"p90":%d,"p99":%d,"p999":%d,"max":%d}',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency:percentile(99.9), latency.max))
end
