// What has to happen in Redis at once. A worker that answers for a sheet must hold the very
// delivery that it was given: consumer and delivery count are looked up in the group, so that a
// worker that was stopped, and comes back after another took over, changes nothing. Nothing newer
// than Redis 6.2.
#pragma once

#include <sheafline/redis/script.h>

namespace sheafline::work {

// KEYS sheets, outcomes; ARGV group, consumer, entry, delivery, sheet, attempt, kind, reading,
// signature.
// Gives 1, or 0 where the delivery is no longer the consumer's.
const redis::Script& answerScript();

// KEYS sheets; ARGV group, consumer, entry, delivery. The sheet goes to the end of the stream, for
// any worker, as if it had never been handed out. Gives 1 or 0 as above.
const redis::Script& giveBackScript();

// KEYS sheets; ARGV group, consumer, then entry and delivery of each. Gives the entries that are no
// longer the consumer's.
const redis::Script& renewScript();

// KEYS sheets, outcomes; ARGV group, consumer, lease in ms, how many, most deliveries, then the
// names of lost consumers, whose leases do not count. Gives [entry, fields, delivery] of each that
// is now the consumer's; those that were delivered too often become outcomes `lost`.
const redis::Script& takeOverScript();

// KEYS sheets; ARGV group. Gives the sheet numbers of the entries that a worker holds or can take,
// and deletes the others: the group forgot that it had handed them out.
const redis::Script& reachableScript();

// KEYS workers; ARGV name, JSON, how long the key lives in ms.
const redis::Script& recordScript();

}  // namespace sheafline::work
