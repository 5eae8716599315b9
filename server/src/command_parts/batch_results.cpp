#include "command_parts/batch_results.h"

#include <filesystem>
#include <iostream>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/shown_text.h>

#include "history/history_reader.h"
#include "history/reading/artifact_file.h"

namespace sheafline {

void showResults(const DataFolder& folder, const std::string& batch_id) {
    HistoryReader history(folder.history());
    const BatchRow batch = history.batch(batch_id).value();
    for (const ArtifactRow& artifact : history.artifacts(batch_id)) {
        const auto file = std::filesystem::proximate(artifactFile(folder, batch_id, artifact));
        std::cerr << "  " << shownText(file.string()) << '\n';
    }
    const std::uint64_t ignored = batch.entries_ignored.value_or(0);
    if (ignored > 0)
        std::cerr << "  " << counted(ignored, "entry", "entries")
                  << " of the archive ignored; see: sheafline batches entries " << batch_id << '\n';
    if (batch.sheets_quarantined > 0) {
        std::cerr << "  " << counted(batch.sheets_quarantined, "sheet is", "sheets are")
                  << " quarantined; see: sheafline sheets " << batch_id << " --state quarantined\n";
    }
    if (batch.state == BatchState::reviewing) {
        std::cerr
            << "  the batch waits for people; decide, then continue it with: sheafline decide "
            << batch_id << " --file decisions.csv --apply\n";
    } else if (!isFinal(batch.state))
        std::cerr << "  continue with: sheafline resume " << batch_id << '\n';
}

void showResults(const RemoteServer& server, const std::string& batch_id) {
    const std::string path = "/api/batches/" + batch_id;
    const HttpAnswer answer = server.send({.path = path + "/status"});
    if (answer.status != 200)
        return;  // the end of the batch is already shown; this is a convenience
    try {
        const auto status =
            Poco::JSON::Parser().parse(answer.body).extract<Poco::JSON::Object::Ptr>();
        if (status->optValue<std::string>("state", "") == "reviewing")
            std::cerr << "  the batch waits for people; decide at " << server.url() << "/#/batches/"
                      << batch_id << "/review\n";
        const auto artifacts = status->getArray("artifacts");
        for (std::size_t i = 0; i < artifacts->size(); ++i) {
            const auto artifact = artifacts->getObject(static_cast<unsigned>(i));
            std::cerr << "  " << server.url() << shownText(artifact->getValue<std::string>("url"))
                      << '\n';
        }
        const auto quarantined =
            status->getObject("progress")->optValue<Poco::Int64>("sheets_failed", 0);
        const auto ignored = status->optValue<Poco::Int64>("entries_ignored", 0);
        if (ignored > 0)
            std::cerr << "  " << counted(static_cast<std::uint64_t>(ignored), "entry", "entries")
                      << " of the archive ignored; see: " << server.url() << path
                      << "/entries?state=ignored\n";
        if (quarantined > 0) {
            std::cerr << "  "
                      << counted(static_cast<std::uint64_t>(quarantined), "sheet is", "sheets are")
                      << " quarantined; see: " << server.url() << path
                      << "/sheets?state=quarantined\n";
        }
    } catch (const Poco::Exception&) {
        std::cerr << "  cannot read the status of " << batch_id << " from the server\n";
    }
}

}  // namespace sheafline
