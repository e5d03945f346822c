/** How good a model is. */
package org.alborz.metrics;
