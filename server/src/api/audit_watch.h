// Writes answered calls to the audit trail and the log: sign-ins, changes and downloads. Any
// thread. Where the audit trail cannot be written, the log has an error, because the call was
// answered before.
#pragma once

#include <string>
#include <string_view>

#include <sheafline/log.h>

#include "api/api_request.h"
#include "audit/audit_store.h"

namespace sheafline::api {

// The action of a route in the audit trail, or "" for a route that leaves no entry.
std::string_view auditedAction(std::string_view method, std::string_view pattern);

class AuditWatch {
 public:
    AuditWatch(AuditStore& store, Log& log) : store_(store), log_(log) {}

    // `action` is that of the route, `status` of the answer.
    void answered(std::string_view action, ApiRequest& request, int status);
    // What the server does without a call, such as the removal of a batch after keep-days.
    void done(std::string_view action, const std::string& subject);

 private:
    void record(const AuditEntry& entry);

    AuditStore& store_;
    Log& log_;
};

}  // namespace sheafline::api
