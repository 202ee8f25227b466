-- `SlidingWindow` of the domain once more, by the server's clock.
--
-- KEYS[1]  the subject
-- ARGV     the limit, the window and a part of it, both in microseconds; how many microseconds ago the hit was made that
--          is to be taken back, or -1 to count one
--
-- Kept is {begun, last, hits, last, hits, …}: when the newest run began, and each run, the oldest first.
local limit, window, part = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local age = tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local kept = redis.call('GET', KEYS[1])
local log = kept and cmsgpack.unpack(kept) or {0}

-- Where the clock was set back, the newest hit counts as made now.
local is_changed = false
if #log > 1 and log[#log - 1] > now then
    local ahead = log[#log - 1] - now
    log[1] = log[1] - ahead
    for i = 2, #log, 2 do
        log[i] = log[i] - ahead
    end
    is_changed = true
end

local runs, hits = {log[1]}, 0
local is_taken_back = age < 0
for i = 2, #log, 2 do
    if now - log[i] < window then
        local count = log[i + 1]
        if not is_taken_back and log[i] >= now - age then
            count = count - 1
            is_taken_back = true
            is_changed = true
        end
        if count > 0 then
            runs[#runs + 1] = log[i]
            runs[#runs + 1] = count
            hits = hits + count
        end
    end
end

local is_allowed = age < 0 and hits < limit
if is_allowed then
    hits = hits + 1
    is_changed = true
    if #runs > 1 and now - runs[1] < part then
        runs[#runs - 1] = now
        runs[#runs] = runs[#runs] + 1
    else
        runs[1] = now
        runs[#runs + 1] = now
        runs[#runs + 1] = 1
    end
end
if is_changed then
    if #runs > 1 then
        redis.call('SET', KEYS[1], cmsgpack.pack(runs), 'PX', math.ceil(window / 1000))
    else
        redis.call('DEL', KEYS[1])
    end
end
return {is_allowed and 1 or 0, math.max(limit - hits, 0), window - (now - (runs[2] or now))}
