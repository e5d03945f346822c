package org.alborz.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import org.alborz.backend.BackendOptions;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RowFunctionTest {
    /** A result of an intermediate step that stays open gets new memory at each run, and then that is what is timed. */
    @ParameterizedTest
    @EnumSource(RowFunction.class)
    void leavesNoTensorOpenButItsResult(RowFunction function) {
        try (Session session =
                        Session.open("cpu-vector", BackendOptions.defaults().withThreads(1), DType.FLOAT32);
                Scope held = session.freeStandingScope("inputs")) {
            RowInputs inputs = RowInputs.of(session, held, new RowNumbers(4, 6));
            try (Scope run = session.scope("run")) {
                function.apply(inputs).close();
                assertThat(run.size()).isZero();
            }
        }
    }
}
