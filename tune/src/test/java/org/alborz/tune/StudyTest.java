package org.alborz.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StudyTest {
    private static final SearchSpace SPACE =
            SearchSpace.builder().uniform("x", 0, 1).choice("kind", "a", "b").build();

    @TempDir
    private Path folder;

    private static double value(TrialRun run) {
        return run.settings().number("x") + (run.settings().choice("kind").equals("a") ? 0 : 1);
    }

    private Study.Builder stored() {
        return stored(folder);
    }

    private static Study.Builder stored(Path folder) {
        return Study.minimize(SPACE).strategy(new BayesianSearch(7, 4)).storage(folder.resolve("trials.jsonl"));
    }

    /** Everything but the times. */
    private static List<List<Object>> contents(List<Trial> trials) {
        return trials.stream()
                .map(t -> List.<Object>of(t.number(), t.settings(), t.state(), t.value(), t.reports(), t.message()))
                .toList();
    }

    @Test
    void goesOnAfterAKillAsIfThereHadBeenNone() throws IOException {
        List<Trial> whole =
                Study.minimize(SPACE).strategy(new BayesianSearch(7, 4)).build().run(12, StudyTest::value);
        stored().build().run(5, StudyTest::value);
        Files.writeString(folder.resolve("trials.jsonl"), "{\"number\":5,\"set", StandardOpenOption.APPEND);
        AtomicInteger calls = new AtomicInteger();
        List<Trial> resumed = stored().build().run(12, run -> {
            calls.incrementAndGet();
            return value(run);
        });
        assertThat(contents(resumed)).isEqualTo(contents(whole));
        assertThat(calls).hasValue(7);
        assertThat(contents(stored().build().trials())).isEqualTo(contents(whole));
    }

    @Test
    void parallelRandomTrialsAreThoseOfOneThread() {
        List<Trial> one =
                Study.minimize(SPACE).strategy(new RandomSearch(3)).build().run(40, StudyTest::value);
        List<Trial> four = Study.minimize(SPACE)
                .strategy(new RandomSearch(3))
                .parallel(4)
                .storage(folder.resolve("p.jsonl"))
                .build()
                .run(40, StudyTest::value);
        assertThat(contents(four)).isEqualTo(contents(one));
    }

    @Test
    void anInterruptedTrialIsRunAgain() {
        Study study = stored().build();
        assertThatThrownBy(() -> study.run(6, run -> {
                    if (run.number() == 3) {
                        throw new StackOverflowError("stands for a kill");
                    }
                    return value(run);
                }))
                .isInstanceOf(StackOverflowError.class);
        assertThat(study.trials()).hasSize(3);
        assertThat(study.run(6, StudyTest::value)).hasSize(6);
    }

    @Test
    void failuresAreKeptAndManyInARowEndTheStudy() {
        Study study = Study.minimize(SPACE).strategy(new RandomSearch(1)).build();
        study.run(10, run -> {
            if (run.number() == 2) {
                throw new IOException("no data");
            }
            return run.number() == 4 ? Double.NaN : value(run);
        });
        assertThat(study.trials().get(2).state()).isEqualTo(Trial.State.FAILED);
        assertThat(study.trials().get(2).message()).isEqualTo("java.io.IOException: no data");
        assertThat(study.best().orElseThrow().number()).isNotIn(2, 4);
        Study broken = Study.minimize(SPACE).build();
        assertThatThrownBy(() -> broken.run(10, run -> {
                    throw new IOException("no data");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("5 trials in a row failed; the last by java.io.IOException: no data")
                .hasRootCauseInstanceOf(IOException.class);
        assertThat(broken.trials()).hasSize(5);
        assertThat(broken.best()).isEmpty();
    }

    @Test
    void divergingTrialsAreStopped() {
        Study study = Study.minimize(SPACE).stop(new StopDivergence()).build();
        List<Trial> trials = study.run(3, run -> {
            for (int step = 1; step <= 10; step++) {
                run.report(step, run.number() == 1 ? step : run.number() == 2 && step == 5 ? Double.NaN : 1.0 / step);
            }
            return 0.1;
        });
        assertThat(trials.get(0).state()).isEqualTo(Trial.State.COMPLETE);
        assertThat(trials.get(0).reports()).hasSize(10);
        assertThat(trials.get(1).state()).isEqualTo(Trial.State.STOPPED);
        assertThat(trials.get(1).message()).isEqualTo("diverged: 4.000 at step 4 is over 3.000 times the first, 1.000");
        assertThat(trials.get(2).message()).isEqualTo("diverged: NaN at step 5");
        assertThat(study.best().orElseThrow().number()).isZero();
    }

    @Test
    void ashaKeepsTheBestThird() {
        Study study = Study.maximize(SPACE).stop(new Asha(2, 3)).build();
        double[] scores = {0.5, 0.4, 0.6, 0.3, 0.7, 0.65};
        List<Trial> trials = study.run(6, run -> {
            for (int step = 1; step <= 7; step++) {
                run.report(step, scores[run.number()] * step);
            }
            return scores[run.number()];
        });
        // At step 2: 0.4 is second of 2, 0.6 first of 3, 0.3 last, 0.7 first of 5, 0.65 second of 6, of whom two pass,
        // and at step 6
        // second of 4, of whom one passes.
        assertThat(trials.stream().map(t -> t.state() + " " + t.reports().size()))
                .containsExactly("COMPLETE 7", "STOPPED 2", "COMPLETE 7", "STOPPED 2", "COMPLETE 7", "STOPPED 6");
        assertThat(trials.get(1).message()).isEqualTo("1 of 1 others were better at step 2");
    }

    @Test
    void refusesAFileOfAnotherStudyOrADamagedOne() throws IOException {
        stored().build().run(3, StudyTest::value);
        Path file = folder.resolve("trials.jsonl");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Study.minimize(SPACE)
                        .strategy(new RandomSearch(7))
                        .storage(file)
                        .build())
                .withMessageContaining("is of another study");
        String text = Files.readString(file);
        Files.writeString(file, text.replaceFirst("\"kind\":\"[ab]\"", "\"kind\":\"c\""));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stored().build())
                .withMessageContaining("is no trial of this study: kind expects one of [a, b], got c");
        Files.writeString(file, text.replaceFirst("\"budget\"", "budget"));
        assertThatIllegalArgumentException().isThrownBy(() -> stored().build()).withMessageContaining("is damaged");
    }

    @Test
    void aLineThatAnotherStudyIsWritingIsNotCutOff() throws IOException {
        stored().build().run(2, StudyTest::value);
        Path file = folder.resolve("trials.jsonl");
        String written = Files.readString(file) + "{\"number\":2,";
        Files.writeString(file, written);
        Study study = stored().build();
        assertThat(study.trials()).hasSize(2);
        assertThat(file).hasContent(written);
        assertThat(study.run(3, StudyTest::value)).hasSize(3);
        assertThat(stored().build().trials()).hasSize(3);
    }

    @Test
    void twoStudiesDoNotShareAFile() {
        Study other = stored().build();
        stored().build().run(1, run -> {
            assertThatThrownBy(() -> other.run(2, StudyTest::value))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Another study is running on");
            return 0;
        });
        assertThat(other.run(2, StudyTest::value))
                .hasSize(2)
                .first()
                .extracting(Trial::value)
                .isEqualTo(0.0);
    }

    /** The other process that {@link #anotherProcessDoesNotGetTheFile} starts. */
    static final class Other {
        public static void main(String[] args) {
            try {
                stored(Path.of(args[0])).build().run(9, StudyTest::value);
                System.out.println("ran");
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void anotherProcessDoesNotGetTheFile() {
        stored().build().run(1, StudyTest::value);
        List<String> said = new ArrayList<>();
        stored().build().run(2, run -> {
            Process other = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElseThrow(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Other.class.getName(),
                            folder.toString())
                    .redirectErrorStream(true)
                    .start();
            said.add(new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            return 0;
        });
        assertThat(said).singleElement(InstanceOfAssertFactories.STRING).contains("Another study is running on");
    }

    @Test
    void noTrialRunsOnAfterTheStudyHasFailed() {
        AtomicInteger started = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        Study study = stored().parallel(2).build();
        assertThatThrownBy(() -> study.run(2, run -> {
                    started.incrementAndGet();
                    while (run.number() == 0 && started.get() < 2) {
                        Thread.onSpinWait();
                    }
                    if (run.number() == 0) {
                        throw new StackOverflowError("stands for a kill");
                    }
                    long end = System.nanoTime() + 300_000_000L;
                    while (System.nanoTime() < end) {
                        Thread.onSpinWait(); // computes, and does not notice that it is interrupted
                    }
                    ended.incrementAndGet();
                    return value(run);
                }))
                .isInstanceOf(StackOverflowError.class);
        assertThat(ended).hasValue(1);
        assertThat(stored().build().trials()).hasSize(1);
    }

    @Test
    void showsTableCsvAndPage() {
        Study study = Study.minimize(SPACE).strategy(new RandomSearch(3)).build();
        study.run(4, run -> {
            if (run.number() == 1) {
                throw new IOException("a, \"quoted\" <b>");
            }
            return value(run);
        });
        TrialTable table = TrialTable.of(study);
        assertThat(table.text(2).lines()).hasSize(5).last().isEqualTo("… 2 more");
        assertThat(table.csv().lines()).hasSize(5).first().isEqualTo("trial,value,state,budget,seconds,x,kind,message");
        assertThat(table.csv()).contains("\"java.io.IOException: a, \"\"quoted\"\" <b>\"");
        String page = ParallelCoordinates.html(study, "A <study>");
        assertThat(page)
                .contains("<title>A &lt;study&gt;</title>", "a, &quot;quoted&quot; &lt;b&gt;", "class=\"trial best\"")
                .doesNotContain("<b>", "src=", "href=", "<script")
                .satisfies(html -> assertThat(html.split("<polyline", -1)).hasSize(4));
    }
}
