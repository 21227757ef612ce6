-- The layout of one generation of the wire index, put in front of the scripts that read or write it.
--
-- One hash a generation. Its fields:
--   pairs       how many pairs it holds
--   <bucket>    pairs of six bytes: bits 8 to 31 of a fingerprint, and a wire story's ordinal modulo 2^24
--   i<chunk>    ids of sixteen ordinals: ordinal modulo 16, length, id
--
-- Buckets grow by linear hashing (Litwin 1980): the number of pairs says how many buckets there are, and each bucket
-- beyond the first BASE is split off one other. The lowest eight bits of a fingerprint are told by its bucket.
local BASE, MEAN, PAIR, CHUNK = 256, 32, 6, 16

local function bucket_count(held)
  return math.max(BASE, math.ceil(held / MEAN))
end

local function power_below(count)
  local power = BASE
  while power * 2 <= count do
    power = power * 2
  end
  return power
end

local function bucket_of(fingerprint, count, power)
  local bucket = fingerprint % (2 * power)
  return bucket < count and bucket or bucket - power
end

-- the ordinals of a fingerprint in a bucket, as they stand there
local function marks_of(pairs_held, tail)
  local marks, at = {}, 1
  while true do
    at = string.find(pairs_held, tail, at, true)
    if not at then
      return marks
    end
    if at % PAIR == 1 then
      marks[#marks + 1] = string.sub(pairs_held, at + 3, at + 5)
      at = at + PAIR
    else
      at = at + 1
    end
  end
end

-- The buckets of packed fingerprints (four bytes each): tails, the bucket of each, and the content of all.
local function open_buckets(key, packed)
  local held = tonumber(redis.call('HGET', key, 'pairs') or '0')
  local count = bucket_count(held)
  local power = power_below(count)
  local tails, of, names, content = {}, {}, {}, {}
  for at = 1, #packed, 4 do
    local bucket = string.format('%d', bucket_of(struct.unpack('>I4', packed, at), count, power))
    tails[#tails + 1] = string.sub(packed, at, at + 2)
    of[#of + 1] = bucket
    if not content[bucket] then
      content[bucket] = ''
      names[#names + 1] = bucket
    end
  end
  if held > 0 then
    local found = redis.call('HMGET', key, unpack(names))
    for i = 1, #names do
      content[names[i]] = found[i] or ''
    end
  end
  return held, tails, of, content
end

local function id_of(chunk, ordinal)
  local at = 1
  while chunk and at <= #chunk do
    local low, length = string.byte(chunk, at, at + 1)
    if low == ordinal % CHUNK then
      return string.sub(chunk, at + 2, at + 1 + length)
    end
    at = at + 2 + length
  end
end
