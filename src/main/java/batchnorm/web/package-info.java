/// The HTTP layer and its wiring into Spring MVC.
@NullMarked
package batchnorm.web;

import org.jspecify.annotations.NullMarked;
