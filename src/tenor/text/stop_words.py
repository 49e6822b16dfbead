"""Stop words: words so common that they tell nothing of what a text is about.

The English list holds only closed classes of words (articles, pronouns, prepositions,
conjunctions, auxiliaries and their contractions, a few adverbs of degree), no nouns or content
verbs: scikit-learn's, for comparison, drops *fire*, *system*, *interest* and *bill*, which topics
are made of. Saved models name the list, not its words, so a changed list needs a new name.
"""

from __future__ import annotations

from pathlib import Path

from tenor import checks
from tenor.checks import shown
from tenor.errors import InputError, ParameterName
from tenor.text.decoding import decoded_lines, reading

_ENGLISH = """
    a an the this that these those such some any no none every each either neither both all half
    few fewer many more most much less least several enough other others another same own certain

    i me my mine myself we us our ours ourselves you your yours yourself yourselves
    he him his himself she her hers herself it its itself they them their theirs themselves
    one ones oneself who whom whose which what whoever whatever whichever whomever
    someone somebody something anyone anybody anything everyone everybody everything nobody nothing

    about above across after against along among amongst around as at before behind below beneath
    beside besides between beyond by despite down during except for from in inside into like near
    of off on onto out outside over past per since than through throughout till to toward towards
    under underneath unless unlike until up upon versus via with within without

    and or nor but yet so if because although though while whereas whether lest once when whenever
    where wherever how however why then thus hence therefore otherwise instead else also too

    am is are was were be been being do does did doing done have has had having
    can could may might must shall should will would ought cannot let

    not very quite rather just only even still already again almost always never ever often
    sometimes perhaps maybe here there now ago away back further furthermore moreover indeed
    anyway really well etc

    ain't aren't can't couldn't didn't doesn't don't hadn't hasn't haven't isn't mightn't mustn't
    needn't shan't shouldn't wasn't weren't won't wouldn't
    i'm i've i'll i'd you're you've you'll you'd he's he'll he'd she's she'll she'd it's it'll it'd
    we're we've we'll we'd they're they've they'll they'd that's that'll that'd there's there'll
    who's who'll who'd what's what'll where's when's why's how's here's let's
"""
ENGLISH = frozenset(_ENGLISH.split())


def read_words(path: Path) -> tuple[str, ...]:
    """The words of a UTF-8 file, one a line; empty lines and comments (#) are left out."""
    with reading(path) as file:
        lines = [line.strip() for line in decoded_lines(file, str(path))]
    return tuple(line for line in lines if line and not line.startswith("#"))


def resolve(choice: object) -> str | tuple[str, ...] | None:
    """``choice`` as a Tokenizer keeps it: None, "english" or a tuple of words."""
    if choice is None or (isinstance(choice, str) and choice == "english"):
        return choice
    if isinstance(choice, str | Path):
        try:
            if (file := checks.path(choice)).is_file():
                return read_words(file)
        except OSError:  # a name too long for a file
            pass
        said = f': {shown(str(choice))} is neither "english" nor a file of words'
    elif isinstance(choice, list | tuple | set | frozenset):
        words = sorted(choice, key=str) if isinstance(choice, set | frozenset) else choice
        strange = [place for place, word in enumerate(words) if not isinstance(word, str)]
        if not strange:
            return tuple(words)
        said = f" must be words, but number {strange[0]} is {shown(words[strange[0]])}"
    else:
        said = f' must be None, "english", a file or words, not {shown(choice)}'
    raise InputError(ParameterName("stop_words"), said)
