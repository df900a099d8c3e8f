/** All tests in real VS Code, as one program. The order is that of a user's day. */

import "./edit.test.js";
import "./undo.test.js";
import "./typing.test.js";
import "./review.test.js";
import "./imports.test.js";
import "./sent.test.js";
import "./places.test.js";
import "./fix.test.js";
import "./setup.test.js";
import "./pictures.test.js";
import "./hostile.test.js";
