/// One controller per subject. A method receives a record, makes one call and returns a record.
@NullMarked
package batchnorm.web.controller;

import org.jspecify.annotations.NullMarked;
