package org.alborz.benchmarks.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The line protocol of a contestant's process.
 *
 * <pre>
 * about                         about FACTS      name=value pairs, separated by semicolons
 * functions                     functions WORDS  the functions of a matrix, separated by commas
 * prepare WORK SECONDS FOLDER   ready NOTE       makes the work warm
 * run SECONDS                   rate X           GFLOP/s, samples or 10⁹ elements a second
 * train WORK STEPS              trained MIB      trains a new model; MIB is the process's peak of resident memory
 * </pre>
 *
 * A command that cannot be done is answered by {@code failed} and the reason. The end of the input ends the process.
 */
public final class Worker {
    private final Contestant contestant;

    Worker(Contestant contestant) {
        this.contestant = contestant;
    }

    /** Does what standard input says until it ends. */
    public static void serve(Contestant contestant) throws IOException {
        PrintStream out = System.out;
        System.setOut(System.err); // what others print is not an answer
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Worker worker = new Worker(contestant);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(worker.answer(line));
            out.flush();
        }
        System.exit(0); // whatever threads an engine has left running
    }

    /** Does one command and returns the answer, a single line. */
    @SuppressWarnings("CatchingUnchecked") // whatever an engine throws is an answer to be told
    String answer(String line) {
        String[] words = line.split(" ", 4);
        try {
            if (words[0].equals("prepare") && words.length == 4) {
                double seconds = Double.parseDouble(words[2]);
                return "ready " + contestant.prepare(Work.named(words[1]), Path.of(words[3]), seconds);
            }
            if (line.equals("about")) {
                return contestant.about().entrySet().stream()
                        .map(fact -> fact.getKey() + "=" + fact.getValue())
                        .collect(Collectors.joining(";", "about ", ""));
            }
            if (line.equals("functions")) {
                return "functions "
                        + Arrays.stream(RowFunction.values())
                                .map(RowFunction::word)
                                .collect(Collectors.joining(","));
            }
            if (words[0].equals("run") && words.length == 2) {
                return "rate " + contestant.rate(Double.parseDouble(words[1]));
            }
            if (words[0].equals("train") && words.length == 3) {
                contestant.train(Work.named(words[1]), Integer.parseInt(words[2]));
                return "trained " + ResidentMemory.peakMebibytes();
            }
            throw new IllegalArgumentException(
                    "A worker expects about, functions, prepare WORK SECONDS FOLDER, run SECONDS or train WORK"
                            + " STEPS, got '" + line + "'");
        } catch (Exception | LinkageError e) {
            e.printStackTrace();
            return "failed " + String.valueOf(e).replaceAll("\\s+", " ");
        }
    }
}
