#!lua flags=allow-oom
-- How far each group of subscribers is behind; one that reads, and is far behind, slows the story's line; one that is
-- farther behind has lapsed: nothing is kept for it any more, and it slows nobody, until it has caught up.
-- KEYS: 1 state, 2 lapsed, 3 events, 4 new-claims
-- ARGV: 1 soft cap, 2 hard cap, 3 how long a group that does not ask counts as one that reads (ms)
-- Returns {stream, group, behind, lapsed, slows} of each group. Allowed when memory is full: it is what frees some.
local call = redis.call
local soft, hard, silence_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local function fields(flat)
  local of = {}
  for i = 1, #flat, 2 do of[flat[i]] = flat[i + 1] end
  return of
end
local function sequence(entries)
  return entries[1] and tonumber(fields(entries[1][2]).sequence or '') or 0
end
-- Where an entry was deleted the server cannot say how many there are behind a group; the events' sequence can, nearly.
local function unread(key, group)
  if group.lag then
    return group.lag
  end
  local next_one = call('XRANGE', key, '(' .. group['last-delivered-id'], '+', 'COUNT', 1)
  return #next_one == 0 and 0 or sequence(call('XREVRANGE', key, '+', '-', 'COUNT', 1)) - sequence(next_one) + 1
end
local function reads(key, name)
  for _, consumer in ipairs(call('XINFO', 'CONSUMERS', key, name)) do
    if fields(consumer).idle < silence_ms then
      return true
    end
  end
  return false
end

for i = 1, 4 do call(i < 3 and 'HLEN' or 'XLEN', KEYS[i]) end -- a key of another type is told before the first write
local told, slow, lapsed = {}, '', {}
for i, stream in ipairs({'events', 'new-claims'}) do
  local key = KEYS[i + 2]
  for _, flat in ipairs(call('EXISTS', key) == 1 and call('XINFO', 'GROUPS', key) or {}) do
    local group = fields(flat)
    local behind = unread(key, group) + group.pending
    local field = stream .. ' ' .. group.name
    local was = call('HEXISTS', KEYS[2], field) == 1
    local is = behind > hard or (was and behind > soft)
    lapsed[field] = is
    if is and not was then
      call('HSET', KEYS[2], field, behind)
    end
    local slows = not is and behind > soft and reads(key, group.name)
    if slows then
      slow = field .. ' is ' .. behind .. ' behind'
    end
    told[#told + 1] = {stream, group.name, behind, is and 1 or 0, slows and 1 or 0}
  end
end
for _, field in ipairs(call('HKEYS', KEYS[2])) do
  if not lapsed[field] then
    call('HDEL', KEYS[2], field)
  end
end
if slow ~= '' then
  call('HSET', KEYS[1], 'slowed', slow)
elseif call('HEXISTS', KEYS[1], 'slowed') == 1 then
  call('HDEL', KEYS[1], 'slowed')
end
return told
