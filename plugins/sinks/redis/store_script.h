// The only script that changes the keys of a batch; it changes all of them together.
//
//     KEYS  current, log, started_at, meta
//     ARGV  channel, ttl in ms, cap of the log, mode, started at, first seq, number of events,
//           the events, then names and values for meta
//     mode  publish: a live run of events; rebuild: the first of a lost log; append: its next ones
//
// Returns the seq that is stored at its end. Skips events up to the stored seq. If the stored seq
// is lower than that before the first event, keys were lost: the script changes nothing, and its
// answer is lower than the last seq that was sent. It is 0 if only some of the keys exist.
#pragma once

namespace sheafline::redis {

inline constexpr const char* kStoreScript = R"lua(
local channel, ttl, cap, mode = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local first, count = tonumber(ARGV[6]), tonumber(ARGV[7])
local last = first + count - 1
local stored = tonumber(redis.call('HGET', KEYS[4], 'seq') or '0')
if mode == 'rebuild' then
    redis.call('DEL', KEYS[2])
    stored = first - 1
elseif mode == 'publish' and stored > 0 and
       (redis.call('EXISTS', KEYS[1], KEYS[3]) < 2 or
        redis.call('LLEN', KEYS[2]) ~= math.min(stored, cap)) then
    return 0
end
if stored < first - 1 or stored >= last then return stored end
for seq = stored + 1, last do
    local event = ARGV[8 + seq - first]
    redis.call('RPUSH', KEYS[2], event)
    if mode == 'publish' then redis.call('PUBLISH', channel, event) end
end
redis.call('LTRIM', KEYS[2], -cap, -1)
redis.call('SET', KEYS[1], ARGV[7 + count])
redis.call('SET', KEYS[3], ARGV[5])
redis.call('HSET', KEYS[4], 'seq', last, unpack(ARGV, 8 + count))
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ttl) end
return last
)lua";

}  // namespace sheafline::redis
