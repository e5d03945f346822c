/**
 * The operations, one record each, and the {@link org.alborz.ops.Engine} that applies them.
 *
 * <p>The rule of this folder: a record holds an operation's settings and nothing of its inputs. It checks them and declares its results
 * ({@code infer}), calls the backend ({@code compute}), names what its gradient reads ({@code saves}) and computes that
 * ({@code gradient}). Copying, allocating, recording and closing is the engine's, in one place. A gradient is written with other
 * operations, so that it can be differentiated again; the few that have a fused backward kernel compose it of others when a second
 * derivative is needed.
 */
package org.alborz.ops;
