package org.alborz.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What a rank fails by, where the others do not come to the end. */
class RankTrainingTest {
    private static final IllegalStateException TIMEOUT = new IllegalStateException("waited for all ranks to end");

    private static final Supplier<String[]> NOBODY = () -> {
        throw TIMEOUT;
    };

    @Test
    void aRankThatFailedSaysSoWhereTheOthersDoNotCome() {
        for (Exception own : new Exception[] {new IOException("disk full"), new IllegalArgumentException("refused")}) {
            assertThatThrownBy(() -> RankTraining.outcomes(own, NOBODY)).isSameAs(own);
            assertThat(own).hasSuppressedException(TIMEOUT);
        }
    }

    @Test
    void aRankThatEndedSaysThatTheOthersDidNotCome() throws IOException {
        assertThatThrownBy(() -> RankTraining.outcomes(null, NOBODY)).isSameAs(TIMEOUT);
        String[] all = {"", ""};
        assertThat(RankTraining.outcomes(null, () -> all)).isSameAs(all);
    }
}
