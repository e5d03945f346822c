/**
 * Search for good settings: a {@link org.alborz.tune.SearchSpace} of what may be varied, a {@link org.alborz.tune.Strategy} that chooses
 * what to try next, {@link org.alborz.tune.StoppingRule}s that end trials early, and a {@link org.alborz.tune.Study} that runs and stores
 * the trials.
 */
package org.alborz.tune;
