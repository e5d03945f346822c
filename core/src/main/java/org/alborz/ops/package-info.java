/**
 * The differentiable operations, one class each: shape check, forward and gradient in one place.
 *
 * <p>The rule of this folder: a static {@code apply} checks its arguments, allocates the result, calls the backend and, if a tape
 * watches an input, records an instance that knows the gradient. A gradient is written with other operations, so that it can be
 * differentiated again; the few that call a fused backward kernel compose it instead when a second derivative is wanted.
 */
package org.alborz.ops;
