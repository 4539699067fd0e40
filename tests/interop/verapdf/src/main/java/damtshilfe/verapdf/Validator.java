package damtshilfe.verapdf;

import java.io.FileInputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Validates files as PDF/A: arguments are a flavour ("2b", or "0" for what each file claims) and paths.
 *
 * <p>Prints a line for each file: its number, the flavour, "true" or "false", the broken rules; by tabs.
 */
public final class Validator {
  private Validator() {}

  public static void main(String[] arguments) throws Exception {
    LogManager.getLogManager().reset();
    Logger.getLogger("").setLevel(Level.OFF);
    PrintStream output = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    VeraGreenfieldFoundryProvider.initialise();
    PDFAFlavour wanted = PDFAFlavour.byFlavourId(arguments[0]);
    for (int number = 1; number < arguments.length; number++) {
      output.println((number - 1) + "\t" + validate(arguments[number], wanted));
    }
  }

  private static String validate(String path, PDFAFlavour wanted) {
    try (InputStream input = new FileInputStream(path);
        PDFAParser parser = open(input, wanted)) {
      PDFAFlavour flavour = parser.getFlavour();
      if (flavour == PDFAFlavour.NO_FLAVOUR) {
        return "0\tfalse\tclaims nothing";
      }
      try (PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
        return describe(validator.validate(parser));
      }
    } catch (Exception error) {
      return "0\tfalse\t" + error.toString().replaceAll("\\s+", " ");
    }
  }

  private static PDFAParser open(InputStream input, PDFAFlavour wanted) throws Exception {
    return wanted == PDFAFlavour.NO_FLAVOUR
        ? Foundries.defaultInstance().createParser(input)
        : Foundries.defaultInstance().createParser(input, wanted);
  }

  private static String describe(ValidationResult result) {
    Set<String> broken = new TreeSet<>();
    for (TestAssertion assertion : result.getTestAssertions()) {
      if (assertion.getStatus() == TestAssertion.Status.FAILED) {
        broken.add(
            (assertion.getRuleId().getClause()
                    + "-"
                    + assertion.getRuleId().getTestNumber()
                    + " "
                    + assertion.getMessage())
                .replaceAll("\\s+", " "));
      }
    }
    String flavour = result.getPDFAFlavour().getId();
    return flavour + "\t" + result.isCompliant() + "\t" + String.join(" | ", broken);
  }
}
