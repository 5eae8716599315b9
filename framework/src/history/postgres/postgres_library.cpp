#include "history/stores/postgres_library.h"

#include <memory>

#include <sheafline/export.h>

#include "history/postgres/postgres_store.h"

extern "C" SHEAFLINE_API sheafline::OpenPostgres sheafline_open_postgres;

sheafline::sql::Database* sheafline_open_postgres(const char* url, const char* name,
                                                  sheafline::PostgresAccess access) {
    return std::make_unique<sheafline::postgres::PostgresStore>(url, name, access).release();
}
