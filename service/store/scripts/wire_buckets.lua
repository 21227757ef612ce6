-- The layout of one generation of the wire index, put in front of the scripts that read or write it.
--
-- One hash a generation. Its fields:
--   pairs       how many pairs it holds
--   <bucket>    pairs of six bytes: bits 8 to 31 of a fingerprint, and a wire story's ordinal modulo 2^24
--   i<chunk>    ids of sixteen ordinals: ordinal modulo 16, length, id
--
-- Buckets grow by linear hashing (Litwin 1980): the number of pairs says how many buckets there are, and each bucket
-- beyond the first BASE is split off one other. The lowest eight bits of a fingerprint are told by its bucket.
local BASE, MEAN, PAIR, CHUNK = 256, 40, 6, 16
local find, sub = string.find, string.sub

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

-- what is stored of each packed fingerprint, and its number
local function fingerprints_of(packed)
  local tails, numbers = {}, {}
  for f = 1, #packed / 4 do
    tails[f] = sub(packed, 4 * f - 3, 4 * f - 1)
    numbers[f] = struct.unpack('>I4', packed, 4 * f - 3)
  end
  return tails, numbers
end

-- the bucket of each fingerprint in a generation that holds so many pairs
local function buckets_of(numbers, held)
  local count = bucket_count(held)
  local power = power_below(count)
  local of = {}
  for f = 1, #numbers do
    local bucket = numbers[f] % (2 * power)
    of[f] = bucket < count and bucket or bucket - power
  end
  return of
end

-- where a fingerprint's next pair stands in a bucket, or nil
local function next_pair(bucket, tail, at)
  at = find(bucket, tail, at, true)
  while at and at % PAIR ~= 1 do
    at = find(bucket, tail, at + 1, true)
  end
  return at
end

local function id_of(chunk, ordinal)
  local at = 1
  while chunk and at <= #chunk do
    local low, length = string.byte(chunk, at, at + 1)
    if low == ordinal % CHUNK then
      return sub(chunk, at + 2, at + 1 + length)
    end
    at = at + 2 + length
  end
end
