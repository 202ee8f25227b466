-- `SlidingWindow` of the domain once more, by the server's clock.
--
-- KEYS[1]  the subject
-- ARGV     the limit, the window and a part of it, both in microseconds
--
-- Kept is {begun, last, hits, last, hits, …}: when the newest run began, and each run, the oldest first.
local limit, window, part = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local kept = redis.call('GET', KEYS[1])
local log = kept and cmsgpack.unpack(kept) or {0}
if #log > 1 then
    now = math.max(now, log[#log - 1])
end

local runs, hits = {log[1]}, 0
for i = 2, #log, 2 do
    if now - log[i] < window then
        runs[#runs + 1] = log[i]
        runs[#runs + 1] = log[i + 1]
        hits = hits + log[i + 1]
    end
end

local is_allowed = hits < limit
if is_allowed then
    hits = hits + 1
    if #runs > 1 and now - runs[1] < part then
        runs[#runs - 1] = now
        runs[#runs] = runs[#runs] + 1
    else
        runs[1] = now
        runs[#runs + 1] = now
        runs[#runs + 1] = 1
    end
    redis.call('SET', KEYS[1], cmsgpack.pack(runs), 'PX', math.ceil(window / 1000))
end
return {is_allowed and 1 or 0, math.max(limit - hits, 0), window - (now - runs[2])}
