package org.alborz.cuda.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.alborz.cuda.SoftwareGpu;
import org.alborz.cuda.driver.StreamWork;
import org.alborz.cuda.driver.WorkKind;
import org.alborz.softwarecuda.SoftwareDevice;
import org.alborz.train.DataOnDevice;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Holds what training steps put on the GPU. A change that lowers a number lowers the limit with it; none may raise it. */
final class StepBudgetTest {
    private final SoftwareDevice device = SoftwareGpu.device();

    @BeforeEach
    void isIdle() {
        device.idle(true);
        device.limitMemory(1L << 40);
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(device.leaks()).isEmpty();
        device.reset();
    }

    /**
     * What a step has today.
     *
     * @param kernels our own, copies on the device
     */
    private record Held(long operations, long convolutions, long products, long kernels, long copies, long megabytes) {
        static Held of(CountedStep step) {
            return switch (step) {
                case CIFAR_CNN_128 -> new Held(46, 11, 6, 25, 0, 546);
                case CIFAR_CNN_1024 -> new Held(47, 11, 6, 26, 0, 3_637);
                case RESNET20_128 -> new Held(144, 62, 3, 77, 0, 1_413);
                case RESNET18_512 -> new Held(151, 59, 3, 87, 0, 8_907);
                case GPT2_8 -> new Held(489, 0, 147, 340, 1, 29_766);
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStepAsksForNoMoreThanItDid(CountedStep step) {
        StepBudget budget = step.count(DataOnDevice.OFF);
        Held counted = new Held(
                budget.operations(),
                budget.operations(WorkKind.CONVOLUTION),
                budget.operations(WorkKind.PRODUCT),
                budget.operations(WorkKind.KERNEL),
                budget.operations(WorkKind.COPY),
                (budget.bytes() + 999_999) / 1_000_000);
        Held held = Held.of(step);
        System.out.printf(
                "%s: %s; budget %d operations, %.2f GB%n",
                step.label(), counted, step.budgetOperations(), step.budgetGigabytes());
        SoftAssertions.assertSoftly(soft -> {
            soft.assertThat(counted.convolutions()).isEqualTo(held.convolutions());
            soft.assertThat(counted.products()).isEqualTo(held.products());
            soft.assertThat(counted.operations()).isLessThanOrEqualTo(held.operations());
            soft.assertThat(counted.kernels()).isLessThanOrEqualTo(held.kernels());
            soft.assertThat(counted.copies()).isLessThanOrEqualTo(held.copies());
            soft.assertThat(counted.megabytes()).isLessThanOrEqualTo(held.megabytes());
            // The step is one graph, the optimizer in it. Before it come uploads of the batch, and one launch that sets
            // the distance of random numbers and the optimizer's numbers.
            soft.assertThat(budget.operations(WorkKind.GRAPH)).isEqualTo(1);
            soft.assertThat(eager(budget)
                            .filter(work -> work.kind() == WorkKind.KERNEL)
                            .map(StreamWork::name)
                            .filter(name -> !name.equals("normalize_pixels")))
                    .containsExactly("set_replay");
            soft.assertThat(budget.operations(WorkKind.DOWNLOAD)).isZero();
        });
        if (step.isOfImages()) {
            requireNoUploads(step.count(DataOnDevice.ON), budget);
        }
    }

    /** Images that the device keeps: the host sends nothing, and the batch is one launch for the images and one for the labels. */
    private static void requireNoUploads(StepBudget kept, StepBudget uploaded) {
        SoftAssertions.assertSoftly(soft -> {
            soft.assertThat(kept.operations(WorkKind.UPLOAD)).isZero();
            soft.assertThat(kept.operations(WorkKind.DOWNLOAD)).isZero();
            soft.assertThat(eager(kept).map(StreamWork::name))
                    .containsExactly("gather_images", "gather", "set_replay", "graph");
            soft.assertThat(captured(kept)).isEqualTo(captured(uploaded));
            soft.assertThat(kept.operations()).isLessThan(uploaded.operations());
            soft.assertThat(kept.bytes()).isLessThanOrEqualTo(uploaded.bytes());
        });
    }

    private static Stream<StreamWork> eager(StepBudget budget) {
        return budget.works().stream().filter(work -> !work.captured());
    }

    private static List<StreamWork> captured(StepBudget budget) {
        return budget.works().stream().filter(StreamWork::captured).toList();
    }

    /** The first convolution of cifar-cnn, from 3 to 32 channels, at batch 128: its operands and multiply-adds, worked out by hand. */
    @Test
    void bytesAndOperationsAreThoseOfTheOperands() {
        StepBudget budget = CountedStep.CIFAR_CNN_128.count(DataOnDevice.OFF);
        long images = 128L * 3 * 32 * 32 * 4;
        long weights = 32L * 3 * 3 * 3 * 4;
        long results = 128L * 32 * 32 * 32 * 4;
        long hidden = 128L * 512 * 4;
        assertThat(budget.works())
                .anySatisfy(work -> {
                    assertThat(work.name()).isEqualTo("convolution forward with bias and rectifier");
                    assertThat(work.bytes()).isEqualTo(images + weights + 32 * 4 + results);
                    assertThat(work.operations()).isEqualTo(2L * 128 * 32 * 32 * 32 * 27);
                })
                .anySatisfy(work -> {
                    assertThat(work.name()).isEqualTo("bias"); // in place: read and written
                    assertThat(work.bytes()).isEqualTo(2 * hidden + 512 * 4);
                })
                .anySatisfy(work -> {
                    assertThat(work.name()).isEqualTo("upload");
                    assertThat(work.bytes()).isEqualTo(128L * 3 * 32 * 32);
                });
    }

    @Test
    void theRooflineTakesTheLargestOfMemoryArithmeticAndTheShortestKernel() {
        GpuRoofline roofline = new GpuRoofline(4e12, 50e9, 1e-6, 2e-6, 200e12);
        StepBudget budget = CountedStep.CIFAR_CNN_128.count(DataOnDevice.OFF);
        double sum = budget.works().stream().mapToDouble(roofline::seconds).sum();
        assertThat(budget.seconds(roofline)).isCloseTo(sum, within(1e-12));
        assertThat(budget.rows(roofline).stream()
                        .mapToDouble(StepBudget.Row::seconds)
                        .sum())
                .isCloseTo(sum, within(1e-12));
        assertThat(budget.rows(roofline).stream()
                        .mapToInt(StepBudget.Row::count)
                        .sum())
                .isEqualTo(budget.works().size());
    }

    /** 12 layers, 768 wide, 8 sequences of 1,024 tokens, mixed precision: see {@link GptTraffic}. */
    @Test
    void aGptWrittenByHandMovesTwentyFiveGigabytes() {
        assertThat(GptTraffic.bytes() * 1e-9).isCloseTo(25, within(0.5));
        assertThat(CountedStep.GPT2_8.budgetGigabytes()).isCloseTo(1.25e-9 * GptTraffic.bytes(), within(1e-9));
    }
}
