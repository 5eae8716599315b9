// `batches answers`: the answers that a person should check. Only reads, also while another process
// owns the data folder.
#include <iostream>

#include "base/data_folder.h"
#include "batches/answer_json.h"
#include "batches/batch_json.h"
#include "command_parts/existing_batch.h"
#include "command_parts/exit_status.h"
#include "command_parts/shown_percent.h"
#include "commands/commands.h"
#include "terminal/joined.h"
#include "terminal/text_table.h"

namespace sheafline {

namespace {

// "A 3 %, B 71 %": the darkness of each bubble.
std::string alternativesText(const DoubtfulAnswer& answer) {
    std::string text;
    for (const Alternative& alternative : alternativesOf(answer)) {
        if (!text.empty()) text += ", ";
        if (alternative.field != answer.field) text += alternative.field + "=";
        text += alternative.value + " " + shownPercent(alternative.darkness);
    }
    return text;
}

}  // namespace

int batchesAnswersCommand(const std::string& batch_id, const AnswerListOptions& options,
                          const Settings& settings) {
    HistoryReader history(DataFolder(settings.data_folder, settings.work_folder).history());
    const BatchRow batch = existingBatch(history, batch_id);
    ReviewReader reader(history);
    AnswerFilter filter{
        .flag = options.flag,
        .field = options.question,
        .order = options.by_confidence ? ReviewOrder::by_confidence : ReviewOrder::by_sheet};
    std::vector<TableRow> rows{
        {"SHEET", "FILE", "FIELD", "VALUE", "FLAGS", "CONFIDENCE", "DARKNESS"}};
    while (true) {
        const auto answers = reader.answers(batch, filter);
        for (const DoubtfulAnswer& answer : answers) {
            if (options.json) {
                std::cout << compactJson(answerJson(batch_id, answer)) << '\n';
                continue;
            }
            rows.push_back({std::to_string(answer.sheet.number), answer.sheet.file, answer.field,
                            answer.value, joined(answer.flags, ", "),
                            shownPercent(answer.confidence), alternativesText(answer)});
        }
        if (answers.empty()) break;
        filter.after = answers.back().position();
    }
    if (!options.json) writeTable(std::cout, rows);
    return kDone;
}

}  // namespace sheafline
