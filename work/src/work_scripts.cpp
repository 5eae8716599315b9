#include "work_scripts.h"

namespace sheafline::work {

namespace {

// The stream of outcomes, which the first answer creates, must not outlive its run.
constexpr const char* kHeld = R"lua(
local function held(key, group, consumer, entry, delivery)
    local found = redis.pcall('XPENDING', key, group, entry, entry, 1)
    if found.err or not found[1] then return false end
    return found[1][2] == consumer and found[1][4] == tonumber(delivery)
end
local function say(key, sheet, attempt, kind, reading, signature)
    redis.call('XADD', key, '*', 'sheet', sheet, 'attempt', attempt, 'kind', kind, 'reading', reading,
               'signature', signature)
    if redis.call('XLEN', key) == 1 then redis.call('PEXPIRE', key, 60000) end
end
)lua";

redis::Script script(const char* text) { return redis::Script(std::string(kHeld) + text); }

}  // namespace

const redis::Script& answerScript() {
    static const redis::Script answer = script(R"lua(
if not held(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]) then return 0 end
say(KEYS[2], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9])
redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
redis.call('XDEL', KEYS[1], ARGV[3])
return 1
)lua");
    return answer;
}

const redis::Script& giveBackScript() {
    static const redis::Script give_back = script(R"lua(
if not held(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]) then return 0 end
local entry = redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[3])[1]
if not entry then return 0 end
redis.call('XADD', KEYS[1], '*', unpack(entry[2]))
redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
redis.call('XDEL', KEYS[1], ARGV[3])
return 1
)lua");
    return give_back;
}

const redis::Script& renewScript() {
    static const redis::Script renew = script(R"lua(
local gone = {}
for i = 3, #ARGV, 2 do
    if held(KEYS[1], ARGV[1], ARGV[2], ARGV[i], ARGV[i + 1]) then
        redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
    else
        gone[#gone + 1] = ARGV[i]
    end
end
return gone
)lua");
    return renew;
}

const redis::Script& takeOverScript() {
    static const redis::Script take_over = script(R"lua(
local key, group, consumer = KEYS[1], ARGV[1], ARGV[2]
local room = tonumber(ARGV[4])
local taken = {}
local function take(entry)
    if not entry then return end
    local id = entry[1]
    local pending = redis.call('XPENDING', key, group, id, id, 1)
    local delivery = pending[1] and pending[1][4] or 1
    if delivery > tonumber(ARGV[5]) then
        local field = {}
        for i = 1, #entry[2], 2 do field[entry[2][i]] = entry[2][i + 1] end
        say(KEYS[2], field['sheet'], field['attempt'], 'lost', tostring(delivery - 1), '')
        redis.call('XACK', key, group, id)
        redis.call('XDEL', key, id)
    else
        taken[#taken + 1] = {id, entry[2], delivery}
    end
end
for i = 6, #ARGV do
    local held = redis.pcall('XPENDING', key, group, '-', '+', ARGV[4], ARGV[i])
    if held.err then return {} end
    for _, pending in ipairs(held) do
        if #taken < room then
            take(redis.call('XCLAIM', key, group, consumer, 0, pending[1])[1])
        end
    end
end
if #taken < room then
    local claimed = redis.pcall('XAUTOCLAIM', key, group, consumer, ARGV[3], '0-0', 'COUNT',
                                tostring(room - #taken))
    if claimed.err then return taken end
    for _, entry in ipairs(claimed[2]) do take(entry) end
end
return taken
)lua");
    return take_over;
}

const redis::Script& reachableScript() {
    static const redis::Script reachable(R"lua(
local function number(id)
    local ms, seq = string.match(id, '(%d+)-(%d+)')
    return tonumber(ms), tonumber(seq)
end
local last_ms, last_seq = nil, nil
local groups = redis.pcall('XINFO', 'GROUPS', KEYS[1])
if groups.err then return {} end
for _, group in ipairs(groups) do
    local field = {}
    for i = 1, #group, 2 do field[group[i]] = group[i + 1] end
    if field['name'] == ARGV[1] then last_ms, last_seq = number(field['last-delivered-id']) end
end
local held = {}
if last_ms then
    for _, pending in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1000000)) do
        held[pending[1]] = true
    end
end
local sheets = {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do
    local ms, seq = number(entry[1])
    local waits = not last_ms or ms > last_ms or (ms == last_ms and seq > last_seq)
    if waits or held[entry[1]] then
        for i = 1, #entry[2], 2 do
            if entry[2][i] == 'sheet' then sheets[#sheets + 1] = entry[2][i + 1] end
        end
    else
        redis.call('XDEL', KEYS[1], entry[1])
    end
end
return sheets
)lua");
    return reachable;
}

const redis::Script& recordScript() {
    static const redis::Script record(R"lua(
local now = redis.call('TIME')
local ms = string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000))
redis.call('HSET', KEYS[1], ARGV[1], ms .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return ms
)lua");
    return record;
}

}  // namespace sheafline::work
