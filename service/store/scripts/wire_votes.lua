#!lua flags=no-writes
-- How many of a text's fingerprints each known wire story has. A fingerprint of many wire stories says nothing.
-- KEYS: the generations that are looked at   ARGV: 1 crowd, 2 votes below which nothing is told, 3 fingerprints
-- Returns {id, votes, id, votes …}. Behind wire_buckets.lua.
local crowd, least = tonumber(ARGV[1]), tonumber(ARGV[2])
local tails, numbers = fingerprints_of(ARGV[3])
local has, home = {}, {} -- fingerprint → marks, three bytes each; mark → the generation that knows its id

local function has_mark(marks, mark)
  for at = 1, #marks, 3 do
    if sub(marks, at, at + 2) == mark then
      return true
    end
  end
  return false
end

for g = 1, #KEYS do
  local held = tonumber(redis.call('HGET', KEYS[g], 'pairs') or '0')
  local content = held > 0 and redis.call('HMGET', KEYS[g], unpack(buckets_of(numbers, held))) or {}
  for f = 1, #content do
    local bucket = content[f]
    local at = bucket and next_pair(bucket, tails[f], 1)
    while at do
      local mark = sub(bucket, at + 3, at + 5)
      if not has[f] then
        has[f] = mark
      elseif has[f] ~= mark and not has_mark(has[f], mark) then
        has[f] = has[f] .. mark
      end
      home[mark] = home[mark] or KEYS[g]
      at = next_pair(bucket, tails[f], at + PAIR)
    end
  end
end
local votes = {}
for _, marks in pairs(has) do
  if #marks < 3 * crowd then
    for at = 1, #marks, 3 do
      local mark = sub(marks, at, at + 2)
      votes[mark] = (votes[mark] or 0) + 1
    end
  end
end
local reply = {}
for mark, count in pairs(votes) do
  if count >= least then
    local ordinal = struct.unpack('>I3', mark)
    local id = id_of(redis.call('HGET', home[mark], 'i' .. math.floor(ordinal / CHUNK)), ordinal)
    if id then
      reply[#reply + 1] = id
      reply[#reply + 1] = count
    end
  end
end
return reply
