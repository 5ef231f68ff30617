/// HTTP: the wiring of its packages into Spring MVC.
@NullMarked
package batchnorm.web;

import org.jspecify.annotations.NullMarked;
