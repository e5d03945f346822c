package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.alborz.autograd.Tape;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.EngineFusion;
import org.alborz.backend.ReduceOp;
import org.alborz.backend.UnaryOp;
import org.alborz.ops.Accumulate;
import org.alborz.ops.AccumulateHits;
import org.alborz.ops.ApplyAdam;
import org.alborz.ops.ApplySgd;
import org.alborz.ops.ApplyUpdate;
import org.alborz.ops.ArgMax;
import org.alborz.ops.ArgSort;
import org.alborz.ops.Assign;
import org.alborz.ops.AttentionBackward;
import org.alborz.ops.BatchNormBackward;
import org.alborz.ops.BiasBackward;
import org.alborz.ops.CrossEntropyBackward;
import org.alborz.ops.CtcBackward;
import org.alborz.ops.CustomOp;
import org.alborz.ops.Full;
import org.alborz.ops.GeluBackward;
import org.alborz.ops.GruGatesBackward;
import org.alborz.ops.Logic;
import org.alborz.ops.LstmBackward;
import org.alborz.ops.LstmGatesBackward;
import org.alborz.ops.MeanCrossEntropyBackward;
import org.alborz.ops.OneHot;
import org.alborz.ops.Op;
import org.alborz.ops.Quantify;
import org.alborz.ops.Random;
import org.alborz.ops.RowNormBackward;
import org.alborz.ops.RunningStatistics;
import org.alborz.ops.SelfAttentionBackward;
import org.alborz.ops.Unscale;
import org.alborz.type.DType;
import org.junit.jupiter.api.DynamicNode;

/** No operation without an entry, and no entry that claims what it does not do. */
final class CompletenessChecks {
    /** Operations without a gradient, each with checks of its own. */
    private static final Set<Class<? extends Op>> ELSEWHERE = Set.of(
            Accumulate.class, // MetricSumChecks
            AccumulateHits.class,
            ApplyAdam.class, // FusionChecks and StateChecks
            ApplySgd.class,
            ApplyUpdate.class, // FusionChecks and StateChecks
            ArgMax.class, // SpiChecks
            ArgSort.class, // SortChecks
            Assign.class,
            AttentionBackward.class, // the entries of AttentionOp
            BatchNormBackward.class, // the entries of BatchNormOp
            BiasBackward.class, // BiasGradientChecks
            CrossEntropyBackward.class, // the entries of CrossEntropy
            CtcBackward.class, // the entry of CtcOp
            Full.class, // SpiChecks
            GeluBackward.class, // the entries of Unary
            GruGatesBackward.class, // the entries of GruGates
            LstmBackward.class, // the entries of LstmOp
            LstmGatesBackward.class, // the entries of LstmGates
            MeanCrossEntropyBackward.class, // the entries of MeanCrossEntropy
            OneHot.class,
            Random.class, // RandomChecks
            RowNormBackward.class, // the entries of RowNorm
            RunningStatistics.class, // TrainingFusionChecks
            SelfAttentionBackward.class, // the entries of SelfAttention
            Unscale.class); // LossScaleChecks

    private final Sessions sessions;

    CompletenessChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        tests.add(dynamicTest("every operation has an entry in the catalogue", CompletenessChecks::everyOperation));
        tests.add(dynamicTest(
                "every operation has results and gradients at special values", CompletenessChecks::everySpecialValue));
        tests.add(dynamicTest("every fusion has a check", CompletenessChecks::everyFusion));
        tests.add(dynamicTest(
                "names in the catalogue differ",
                () -> assertThat(OpCatalog.entries().stream().map(OpEntry::name))
                        .doesNotHaveDuplicates()));
        for (OpEntry entry : OpCatalog.entries()) {
            if (entry.hasGradient() && !entry.smoothSamples().isEmpty()) {
                tests.add(dynamicTest(entry + " / records what it claims to cover", () -> recordsItsOperations(entry)));
            }
        }
        return tests.stream();
    }

    private static void everyOperation() {
        assertThat(withoutEntry(entry -> true))
                .as("operations without an entry in %s", OpCatalog.class.getSimpleName())
                .isEmpty();
    }

    private static void everySpecialValue() {
        assertThat(withoutEntry(entry -> !entry.specials().isEmpty()))
                .as("operations without an entry that says what they give at special values (OpEntry.atSpecialValues)")
                .isEmpty();
        for (OpEntry entry : OpCatalog.entries()) {
            boolean hasGradients = entry.specials().stream()
                    .anyMatch(
                            special -> special.first().size() == entry.watched().size());
            assertThat(hasGradients || entry.specials().isEmpty())
                    .as("gradients by all watched inputs are specified in a special case of %s", entry)
                    .isTrue();
        }
    }

    /** Returns the operations that no entry of a kind covers. */
    private static Set<Object> withoutEntry(Predicate<OpEntry> kind) {
        Set<Object> wanted = new LinkedHashSet<>();
        wanted.addAll(Arrays.asList(UnaryOp.values()));
        wanted.addAll(Arrays.asList(BinaryOp.values()));
        wanted.addAll(Arrays.asList(Comparison.values()));
        wanted.addAll(Arrays.asList(Logic.Connective.values()));
        wanted.addAll(Arrays.asList(Quantify.Quantifier.values()));
        wanted.addAll(Arrays.asList(ReduceOp.values()));
        wanted.addAll(Arrays.asList(Op.class.getPermittedSubclasses()));
        wanted.remove(CustomOp.class);
        wanted.removeAll(ELSEWHERE);
        OpCatalog.entries().stream().filter(kind).forEach(entry -> wanted.removeAll(entry.covers()));
        return wanted;
    }

    private static void everyFusion() {
        assertThat(FusionChecks.CHECKED).containsExactlyInAnyOrder(EngineFusion.class.getPermittedSubclasses());
    }

    /** Takes gradients of gradients and looks at what the tape recorded. */
    private void recordsItsOperations(OpEntry entry) {
        Set<Object> claimed = new LinkedHashSet<>(entry.covers());
        claimed.removeIf(covered -> !(covered instanceof Class));
        sessions.run(DType.FLOAT32, session -> {
            try (Tape tape = new Tape(session)) {
                HostArray[] inputs = entry.smoothSamples().get(0).inputs();
                assertThat(new Objective(entry, inputs, 1).recordedGradients(session, tape))
                        .isNotEmpty();
                assertThat(tape.operations())
                        .as("operations that %s recorded", entry)
                        .containsAll(classes(claimed));
            }
        });
    }

    private static List<Class<?>> classes(Set<Object> covered) {
        List<Class<?>> classes = new ArrayList<>();
        covered.forEach(item -> classes.add((Class<?>) item));
        return classes;
    }
}
