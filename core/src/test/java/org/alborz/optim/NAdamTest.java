package org.alborz.optim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NAdamTest {
    /** Captured steps under a loss scale ask for those of the steps that the next one may be, again in each. */
    @Test
    void theNumbersOfAStepDoNotDependOnThoseAskedForBefore() {
        NAdam asked = new NAdam(0.1).betas(0.5, 0.999);
        for (long step : new long[] {5, 6, 7, 5, 6, 7, 8, 6, 7, 9, 3, 20, 19, 20, 1, 2, 5000, 4000, 4001, 3}) {
            NAdam first = new NAdam(0.1).betas(0.5, 0.999);
            assertThat(asked.parameters(0.1, step, 0, 1))
                    .as("step %d", step)
                    .isEqualTo(first.parameters(0.1, step, 0, 1));
        }
    }
}
