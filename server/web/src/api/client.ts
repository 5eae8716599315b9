// The client of the API (clients/typescript) for the server of this page. The session is a cookie that scripts cannot read.
import {SheaflineClient} from "@sheafline/client";

export const client = new SheaflineClient("");
