// `review`: a person decides about the answers in doubt, on a terminal or line by line.
#include <cstdlib>
#include <iostream>
#include <string_view>

#include <sheafline/error.h>
#include <sheafline/shown_text.h>

#include "command_parts/existing_batch.h"
#include "command_parts/exit_status.h"
#include "command_parts/plugin_path.h"
#include "commands/commands.h"
#include "decisions/review_session.h"
#include "terminal/key_reader.h"

namespace sheafline {

namespace {

constexpr const char* kClear = "\x1b[2J\x1b[H";

// Until everything was shown or the person quits.
void converse(ReviewSession& session) {
    KeyReader keys;
    const char* terminal = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): nothing sets it
    const bool clears = keys.isTerminal() && std::string_view(terminal ? terminal : "") != "dumb";
    std::string said;
    while (!session.atEnd()) {
        if (clears) std::cout << kClear;
        if (!said.empty()) std::cout << said << '\n';
        session.show(std::cout);
        if (keys.isTerminal()) std::cout << '\n' << ReviewSession::help();
        std::cout << "> " << std::flush;
        const auto typed = keys.next();
        if (!typed || *typed == "q" || *typed == "\x1b") return;
        if (*typed == "?") {
            said = ReviewSession::help();
        } else if (*typed == "=") {
            std::cout << "value: " << std::flush;
            const auto value = keys.line();
            if (!value) return;
            said = session.decideValue(*value);
        } else {
            said = session.answer(*typed);
        }
    }
    if (!said.empty()) std::cout << said << '\n';
}

}  // namespace

int reviewCommand(const std::string& batch_id, const ReviewOptions& options,
                  const Settings& given) {
    const Settings settings = withPluginPathOf(batch_id, given);
    const DataFolder folder(settings.data_folder, settings.work_folder);
    const PluginCatalog plugins(settings.plugin_folders);
    HistoryReader history(folder.history());
    const BatchRow batch = decidableBatch(history, batch_id);
    ReviewSession session(folder, plugins, history, batch,
                          options.out.empty() ? "review-" + batch_id : options.out);
    if (session.size() == 0) {
        std::cerr << "no answer is in doubt without a decision\n";
        return kDone;
    }
    converse(session);
    std::cerr << "\nstored " << counted(session.stored(), "decision");
    if (session.stored() > 0)
        std::cerr << "; make them count with: sheafline decide " << batch_id << " --apply";
    std::cerr << '\n';
    return kDone;
}

}  // namespace sheafline
