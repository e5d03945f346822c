package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.alborz.cuda.NcclTrainingTest.Setting;
import org.alborz.cuda.driver.WorkKind;
import org.alborz.distributed.CollectiveException;
import org.alborz.nn.Layer;
import org.alborz.nn.Sequential;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A rank that fails in a step ends the training of the others at once and with its reason, also where their devices wait for it. */
@Tag("emulation")
@Timeout(300)
class NcclFailedRankTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @BeforeEach
    @AfterEach
    void reset() {
        SoftwareGpu.device().reset();
    }

    @Test
    void aRankThatFailsWhileStepsAreReplayedEndsTheTrainingOfAll() throws Exception {
        List<Object> outcomes = NcclCollectiveTest.outcomes(2, TIMEOUT, (rank, session) -> {
            Callback failing = new Callback() {
                @Override
                public void onBatchBegin(Trainer trainer) {
                    if (rank.rank() == 1 && trainer.step() == 3) {
                        throw new IllegalStateException("no more memory in rank 1");
                    }
                }
            };
            return NcclTrainingTest.train(
                    session, rank, NcclOverlapTest.setting(10).captured().calling(failing));
        });
        requireReasonOfRankOne(outcomes);
    }

    /** A setting of ten batches, with a rank whose third forward pass fails. */
    private static Setting failingInRankOne(NcclCollective rank) {
        Setting plain = NcclOverlapTest.setting(10);
        AtomicInteger passes = new AtomicInteger();
        Layer failing = (x, pass) -> {
            if (rank.rank() == 1 && passes.incrementAndGet() == 3) {
                throw new IllegalStateException("no more memory in rank 1");
            }
            return x;
        };
        return new Setting(() -> new Sequential(failing, plain.net().get()), 10).inBuckets(100);
    }

    private static void requireReasonOfRankOne(List<Object> outcomes) {
        assertThat((Throwable) outcomes.get(1)).hasMessageContaining("no more memory in rank 1");
        assertThat((Throwable) outcomes.get(0))
                .isInstanceOf(CollectiveException.class)
                .hasMessageContainingAll("Rank 1", "no more memory in rank 1");
    }

    /** The other rank's device waits for it by then. */
    @Test
    void aRankThatFailsAfterAllHaveAgreedEndsTheTrainingOfAll() throws Exception {
        requireReasonOfRankOne(NcclCollectiveTest.outcomes(
                2, TIMEOUT, (rank, session) -> NcclTrainingTest.train(session, rank, failingInRankOne(rank))));
    }

    @Test
    void aRankThatFailsBeforeItsReplayEndsTheTrainingOfAll() throws Exception {
        AtomicBoolean fails = new AtomicBoolean();
        Callback failing = new Callback() {
            @Override
            public void onFitBegin(Trainer trainer) {
                if (trainer.rank() == 1) {
                    ((CudaBackend) trainer.model().session().backend()).observe(work -> {
                        if (work.kind() == WorkKind.UPLOAD && fails.get()) {
                            throw new IllegalStateException("no more memory in rank 1");
                        }
                    });
                }
            }

            @Override
            public void onBatchBegin(Trainer trainer) {
                fails.compareAndSet(false, trainer.rank() == 1 && trainer.step() == 3);
            }
        };
        requireReasonOfRankOne(NcclCollectiveTest.outcomes(
                2,
                TIMEOUT,
                (rank, session) -> NcclTrainingTest.train(
                        session, rank, NcclOverlapTest.setting(10).captured().calling(failing))));
    }
}
