// `template check` shows the author of a template what it reads on a sheet; `template print` makes
// a PDF of it.
#include <iostream>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/overlay.h>
#include <sheafline/sheets/print_sheets.h>
#include <sheafline/sheets/read_image.h>
#include <sheafline/shown_text.h>

#include "command_parts/exit_status.h"
#include "command_parts/output_folder.h"
#include "commands/commands.h"

namespace sheafline {

int templateCheckCommand(const TemplateCheckOptions& options) {
    try {
        const sheets::TemplateCheck check =
            sheets::checkTemplate(options.template_file, options.sheet_file);
        DurableFile picture(options.out);
        picture.write({reinterpret_cast<const char*>(check.picture.data()), check.picture.size()});
        picture.publish();
        std::cout << check.report;
        std::cerr << "Wrote " << options.out << '\n';
        return check.readable ? kDone : kBatchFailed;
    } catch (const sheets::UnreadableImage& error) {
        throw ConfigError(options.sheet_file + ": " + error.what());
    }
}

int templatePrintCommand(const TemplatePrintOptions& options) {
    requireFolderOf(options.out);
    sheets::PrintOptions print{.copies = options.copies,
                               .title = options.title,
                               .instructions = options.instructions,
                               .exam = options.exam,
                               .code = options.code,
                               .logo = options.logo,
                               .font = options.font};
    for (const std::string& file : options.template_files)
        print.pages.push_back(sheets::loadTemplate(file));
    if (!options.roster.empty()) print.roster = sheets::readRoster(options.roster);
    if (options.paper == "a4") print.paper = sheets::Paper::a4;
    if (options.paper == "letter") print.paper = sheets::Paper::letter;
    const sheets::PrintedSheets printed = sheets::printSheets(print, options.out);
    std::cerr << "Wrote " << options.out << ": " << counted(printed.pages, "page") << " for "
              << counted(printed.students, print.roster ? "student" : "blank form") << '\n';
    return kDone;
}

}  // namespace sheafline
