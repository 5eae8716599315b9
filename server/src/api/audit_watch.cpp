#include "api/audit_watch.h"

#include <algorithm>
#include <array>
#include <exception>

#include <sheafline/shown_text.h>

#include "base/clocks.h"

namespace sheafline::api {

namespace {

struct AuditedRoute {
    std::string_view method{};
    std::string_view pattern{};
    std::string_view action{};
};

constexpr std::array kAuditedRoutes{
    AuditedRoute{"POST", "/api/auth/login", "sign_in"},
    AuditedRoute{"POST", "/api/auth/logout", "sign_out"},
    AuditedRoute{"POST", "/api/auth/password", "password_change"},
    AuditedRoute{"DELETE", "/api/auth/sessions/{session}", "session_end"},
    AuditedRoute{"POST", "/api/tokens", "token_add"},
    AuditedRoute{"DELETE", "/api/tokens/{token}", "token_remove"},
    AuditedRoute{"POST", "/api/users", "user_add"},
    AuditedRoute{"PATCH", "/api/users/{name}", "user_change"},
    AuditedRoute{"DELETE", "/api/users/{name}", "user_remove"},
    AuditedRoute{"PUT", "/api/users/{name}/quota", "user_quota"},
    AuditedRoute{"DELETE", "/api/users/{name}/sessions", "session_end"},
    AuditedRoute{"DELETE", "/api/users/{name}/sessions/{session}", "session_end"},
    AuditedRoute{"POST", "/api/batches", "batch_create"},
    AuditedRoute{"POST", "/api/uploads", "batch_create"},
    AuditedRoute{"DELETE", "/api/uploads/{id}", "upload_delete"},
    AuditedRoute{"POST", "/api/batches/{id}/cancel", "batch_cancel"},
    AuditedRoute{"POST", "/api/batches/{id}/retry", "batch_retry"},
    AuditedRoute{"PATCH", "/api/batches/{id}", "batch_change"},
    AuditedRoute{"PUT", "/api/batches/{id}/shares", "batch_share"},
    AuditedRoute{"DELETE", "/api/batches/{id}", "batch_delete"},
    AuditedRoute{"POST", "/api/batches/{id}/sheets/{n}/fix", "sheet_fix"},
    AuditedRoute{"POST", "/api/batches/{id}/decisions", "decide"},
    AuditedRoute{"POST", "/api/batches/{id}/decisions/apply", "decisions_apply"},
    AuditedRoute{"POST", "/api/batches/{id}/score", "batch_score"},
    AuditedRoute{"POST", "/api/templates/print", "templates_print"},
    AuditedRoute{"GET", "/api/batches/{id}/sheets/{n}/image", "image_download"},
    AuditedRoute{"GET", "/api/batches/{id}/answers", "answers_download"},
    AuditedRoute{"GET", "/api/batches/{id}/results", "results_download"},
    AuditedRoute{"GET", "/api/batches/{id}/artifacts/{name}", "artifact_download"},
    AuditedRoute{"GET", "/api/batches/{id}/files/{param}", "file_download"},
    AuditedRoute{"GET", "/api/batches/{id}/findings", "findings_download"},
    AuditedRoute{"GET", "/api/batches/{id}/bundle", "bundle_download"},
    AuditedRoute{"GET", "/api/audit", "audit_read"},
};

std::string paramOf(const ApiRequest& request, std::string_view name) {
    const auto& params = request.call().params;
    const auto found = std::ranges::find_if(params, [&](const auto& p) { return p.first == name; });
    return found == params.end() ? std::string() : found->second;
}

// Anybody can send a name in a form or a path: it is shortened and made safe for a terminal.
std::string clean(std::string_view text) {
    constexpr std::size_t kLongest = 200;
    return shownText(text.substr(0, kLongest));
}

const std::string& firstOf(const std::string& one, const std::string& other) {
    return one.empty() ? other : one;
}

}  // namespace

std::string_view auditedAction(std::string_view method, std::string_view pattern) {
    const auto* const found = std::ranges::find_if(kAuditedRoutes, [&](const AuditedRoute& route) {
        return route.method == method && route.pattern == pattern;
    });
    return found == kAuditedRoutes.end() ? std::string_view() : found->action;
}

void AuditWatch::answered(std::string_view action, ApiRequest& request, int status) {
    constexpr int kFirstError = 400;
    const bool failed = status >= kFirstError;
    const std::string& user = firstOf(request.caller.user, request.audit.user);
    // A call without a user changed nothing. Without this rule, anybody could fill the trail.
    if (user.empty()) return;
    const std::string id = paramOf(request, "id");
    const std::string name = firstOf(paramOf(request, "name"), paramOf(request, "token"));
    const std::string sheet = paramOf(request, "n");
    record({.at = wallMs() / 1000,
            .user = clean(user),
            .address = request.call().origin.client,
            .action = std::string(action) + (failed ? "_failed" : ""),
            .subject = clean(firstOf(request.audit.subject, firstOf(id, name))),
            .detail = id.empty() ? std::string()
                                 : clean(firstOf(request.audit.detail, firstOf(sheet, name))),
            .status = status});
}

void AuditWatch::done(std::string_view action, const std::string& subject) {
    record({.at = wallMs() / 1000,
            .user = "(server)",
            .action = std::string(action),
            .subject = subject});
}

void AuditWatch::record(const AuditEntry& entry) {
    log_.info("audit: " + entry.action + " by '" + entry.user + "' from " +
              (entry.address.empty() ? "this host" : entry.address) +
              (entry.subject.empty() ? "" : ", " + entry.subject) +
              (entry.detail.empty() ? "" : ", " + entry.detail) +
              (entry.status == 0 ? "" : ", status " + std::to_string(entry.status)));
    try {
        store_.record(entry);
    } catch (const std::exception& error) {
        log_.error("the audit trail cannot be written (" + entry.action + "): " + error.what());
    }
}

}  // namespace sheafline::api
