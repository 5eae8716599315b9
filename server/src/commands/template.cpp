// `template check`: shows the author of a template what it reads on a sheet.
#include <iostream>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/sheets/overlay.h>
#include <sheafline/sheets/read_image.h>

#include "command_parts/exit_status.h"
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

}  // namespace sheafline
