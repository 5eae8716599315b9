// The archive with one entry for each sheet of the batch: its copy of the upload, if that is a ZIP
// of images, or else the archive of pages that is made of it. Both are kept after the batch.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <sheafline/durable_file.h>
#include <sheafline/stage.h>

#include "extract_options.h"
#include "upload_kind.h"
#include "zip/zip_archive.h"

namespace sheafline::extract {

class BatchArchive {
 public:
    using Progress = std::function<void(double share, const std::string& what)>;

    // Copies the upload and makes the archive of pages, where they are missing.
    BatchArchive(StageRun& run, const Options& options, const Progress& progress);

    const ZipArchive& zip() const { return *zip_; }
    UploadKind kind() const { return kind_; }
    bool ofPages() const { return of_pages_; }  // its entries are pages, and notes about pages
    // Makes the copy durable; another thread may call it while zip() is read.
    void publish();

 private:
    void copyUpload(const std::stop_token& stop);
    std::filesystem::path upload() const;  // also before publish()
    void makePages(StageRun& run, const Progress& progress);

    void removeLeftovers() const;
    std::filesystem::path written(const std::filesystem::path& file) const;
    void place(const std::filesystem::path& file);

    const Options& options_;
    StageRun& run_;
    const std::filesystem::path own_folder_;  // of this epoch of the batch
    const std::filesystem::path copy_;
    const std::filesystem::path pages_;
    const std::string name_;
    std::unique_ptr<DurableFile> fresh_;
    UploadKind kind_ = UploadKind::zip;
    bool of_pages_ = false;
    std::unique_ptr<ZipArchive> zip_;
};

}  // namespace sheafline::extract
