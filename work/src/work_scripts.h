// The changes that must be atomic in Redis. A worker that answers for a sheet must still hold the
// same delivery: the scripts look up consumer and delivery count in the group, so a worker that was
// stopped and continues after another took over changes nothing. Redis 6.2 is sufficient.
#pragma once

#include <sheafline/redis/script.h>

namespace sheafline::work {

// KEYS sheets, outcomes; ARGV group, consumer, entry, delivery, sheet, attempt, kind, reading,
// signature. Returns 1, or 0 if the delivery no longer belongs to the consumer.
const redis::Script& answerScript();

// KEYS sheets; ARGV group, consumer, entry, delivery. Moves the sheet to the end of the stream, for
// any worker, as if it had never been assigned. Returns 1 or 0 as above.
const redis::Script& giveBackScript();

// KEYS sheets; ARGV group, consumer, then entry and delivery of each. Returns the entries that no
// longer belong to the consumer.
const redis::Script& renewScript();

// KEYS sheets, outcomes; ARGV group, consumer, lease in ms, how many, most deliveries, then the
// names of lost consumers, whose leases do not count. Returns [entry, fields, delivery] of each
// that now belongs to the consumer; those that were delivered too often become outcomes `lost`.
const redis::Script& takeOverScript();

// KEYS sheets; ARGV group. Returns the sheet numbers of the entries that a worker holds or can
// take, and deletes the others, which the group no longer knows.
const redis::Script& reachableScript();

// KEYS workers; ARGV name, JSON, how long the key lives in ms.
const redis::Script& recordScript();

}  // namespace sheafline::work
