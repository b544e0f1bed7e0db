"""A text in, the language that it is written in out, by its script and by its commonest words; nothing where that is no evidence.

A library of n-grams (py3langid) was measured beside this: it takes half a second to load, which is more than a run of five files, and tells 97 languages; this
tells those of the table at once, and is silent on others.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

# So many characters of a text are looked at: some three hundred words.
SAMPLE_CHARACTERS = 2_400
# Fewer letters or words than these prove nothing.
MIN_LETTERS = 20
MIN_WORDS = 15
# Of a hundred letters so many are of the script, or the text is mixed.
MIN_SCRIPT_PERCENT = 60
# Of Japanese so many letters in a hundred are kana; in Chinese they stand in names at the most.
MIN_KANA_PERCENT = 10
# Of a hundred words so many are common ones of the language; in running text it is a third.
MIN_COMMON_PERCENT = 10
# Of the words that only one of two languages has, so many are the one's, and twice as many as the other's: Danish and Norwegian share most.
MIN_OWN_WORDS = 4
MIN_OWN_LEAD = 2
# Scripts that one widespread language has for its own, as ranges of code points; those of several are told apart by words.
SCRIPTS = {
    "kana": "\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f",
    "han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
    "ko": "\u1100-\u11ff\uac00-\ud7af",
    "th": "\u0e01-\u0e4e",
    "lo": "\u0e81-\u0ecd",
    "he": "\u05d0-\u05ea",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "hy": "\u0531-\u0587",
    "ka": "\u10a0-\u10ff\u1c90-\u1cbf",
    "bn": "\u0985-\u09fb",
    "pa": "\u0a05-\u0a74",
    "gu": "\u0a85-\u0af1",
    "ta": "\u0b85-\u0bfa",
    "te": "\u0c05-\u0c7f",
    "kn": "\u0c85-\u0cf2",
    "ml": "\u0d05-\u0d7f",
    "si": "\u0d85-\u0df4",
    "km": "\u1780-\u17d3",
    "my": "\u1000-\u109f",
    "am": "\u1200-\u137f",
    "arabic": "\u0620-\u064a\u0671-\u06d3\u06fa-\u06fc",
    "devanagari": "\u0904-\u097f",
    "cyrillic": "\u0400-\u052f",
    "latin": "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff",
}
# The commonest words, those that several languages of a script share among them: a text has many of one list and few of any other.
COMMON = {
    "latin": {
        "en": "the of and to in a is that for it was on with as be at by this had not are but from or have an they which you were his her has their would there we been will more when who said",
        "de": "der die und in den von zu das mit sich des auf f\u00fcr ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem \u00fcber einen so zum war haben nur oder aber",
        "fr": "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont la avec son aux d'un cette d'une ou ses mais comme on tout nous sa elle leur \u00e9t\u00e9 fait \u00eatre ces",
        "es": "de la que el en y a los se del las un por con no una su para es al lo como m\u00e1s o pero sus le ha me si sin sobre este ya entre cuando todo esta ser son dos tambi\u00e9n fue hab\u00eda era muy a\u00f1os hasta",
        "pt": "de a o que e do da em um para com n\u00e3o uma os no se na por mais as dos como mas ao ele das \u00e0 seu sua ou quando muito nos j\u00e1 eu tamb\u00e9m s\u00f3 pelo pela at\u00e9 isso ela entre depois sem mesmo aos foi s\u00e3o",
        "it": "di e il la che in a per un \u00e8 del non una i le si con da dei come al pi\u00f9 lo della sono ha gli nel ma alla su anche o se dal delle ci questo \u00e8 nella era hanno essere tra degli stato",
        "nl": "de van het een en in is dat op te zijn met voor die niet aan er om ook als dan bij maar uit nog door naar heeft hij ze wordt over tot of worden was geen meer wel kan dit zo hun deze werd hebben",
        "sv": "och i att det som en p\u00e5 \u00e4r av f\u00f6r med till den har de inte om ett var men jag sig fr\u00e5n vi s\u00e5 kan n\u00e4r han efter eller vid nu ska ocks\u00e5 mot hade under \u00e4ven blir sina bara detta",
        "da": "og i at det er en til af p\u00e5 for med den har som de ikke der et var jeg om men fra sig vi kan skal han ved efter eller ud n\u00e5r nu ogs\u00e5 blev hvor v\u00e6re over havde mod bliver siden meget",
        "nb": "og i det er p\u00e5 som en til av for \u00e5 at med har de den ikke et om jeg var fra vi men seg han kan ble skal ved etter eller ut n\u00e5r n\u00e5 ogs\u00e5 v\u00e6re over hadde mot blir bare mange noe",
        "fi": "ja on ei ett\u00e4 oli se h\u00e4n mutta ovat kun my\u00f6s jos kuin ole niin sen joka olla tai mukaan sek\u00e4 h\u00e4nen viel\u00e4 voi jo vain n\u00e4in t\u00e4m\u00e4n ollut kanssa vuoden nyt siit\u00e4 sit\u00e4 mit\u00e4 t\u00e4m\u00e4 jotka noin ovat",
        "pl": "i w nie na si\u0119 z do to \u017ce jest o jak za od po ale przez co tak dla ma ju\u017c jego by\u0142 przy tym oraz tylko czy by jej ich kt\u00f3re kt\u00f3ry s\u0105 mo\u017ce tego wi\u0119c by\u0142o roku ze bardzo mi\u0119dzy",
        "cs": "a se v na je \u017ee o s z do i to ve pro za by ale jako po jeho od jsou podle jak kter\u00e9 kter\u00fd byl tak u nebo p\u0159i si jsem m\u00e1 k tak\u00e9 u\u017e bylo let jen aby co jejich m\u016f\u017ee bude",
        "sk": "a sa v na je \u017ee o s z do aj to vo pre za by ale ako po jeho od s\u00fa pod\u013ea tak ktor\u00e9 ktor\u00fd bol u alebo pri si som m\u00e1 k tie\u017e u\u017e bolo rokov len aby \u010do ich m\u00f4\u017ee bude",
        "hu": "a az \u00e9s hogy nem is egy ez de meg volt csak ha el mint m\u00e1r m\u00e9g van fel k\u00f6z\u00f6tt szerint pedig lehet kell azt ki vagy be akkor ami minden ezt sz\u00e1m\u00e1ra m\u00e1s ut\u00e1n olyan nagyon lesz voltak",
        "ro": "de \u0219i \u00een a la cu o pe nu un din care pentru s\u0103 este al se mai o au ce prin dar sunt fost ca dup\u0103 lui sau ei acest fi ale era dintre aceast\u0103 cum a\u0219a s-a c\u0103 iar",
        "tr": "ve bir bu da i\u00e7in de ile olarak \u00e7ok daha olan gibi en her ne kadar sonra olduk\u00e7a var ama o ise iki k\u0131sa oldu\u011fu veya oldu taraf\u0131ndan kendi ben zaman yeni \u00f6nce hem t\u00fcm diye g\u00f6re de\u011fil b\u00fcy\u00fck",
        "id": "yang dan di untuk dengan ini dari dalam pada itu tidak akan ke juga oleh para saat sudah mereka ada adalah dia bisa karena lebih kami atau telah anda saya kata tersebut seorang tahun bahwa orang menjadi secara",
        "vi": "v\u00e0 c\u1ee7a c\u00f3 l\u00e0 cho kh\u00f4ng \u0111\u01b0\u1ee3c trong v\u1edbi c\u00e1c ng\u01b0\u1eddi \u0111\u00e3 m\u1ed9t nh\u1eefng n\u00e0y \u0111\u1ebfn khi t\u1ea1i \u0111\u1ec3 v\u1ec1 t\u1eeb v\u00e0o s\u1ebd \u0111\u00f3 ra n\u0103m c\u0169ng tr\u00ean b\u1ecb",
        "ca": "de la i a el que en les per un els una amb del es no al ha m\u00e9s com s\u00f3n dels les va tamb\u00e9 seu aquest entre o perqu\u00e8 s'ha hi ser seva aix\u00f2 fins aquesta molt hem quan sense sobre on",
        "hr": "i u je na se da za su od s o kako ne koji bi iz to ali kao do biti po koja nije \u0161to te samo jer ili ve\u0107 koje bio prema bez vi\u0161e jo\u0161 smo ima pri tko godine bila sve kod",
        "lt": "ir kad yra su i\u0161 \u012f tai bet kaip ne o tik u\u017e buvo nuo savo jo apie po ar metu taip dar jau gali pat per bus jos jie \u0161io \u017emoni\u0173 kai ant m\u016bs\u0173 b\u016bti tam",
        "et": "ja on ei et see oli kui ka ta mis aga oma nii siis v\u00f5i seda kes \u00fcks selle veel juba nad mida kuid ning tema pole ole v\u00e4lja \u00fcle p\u00e4rast kas peab v\u00f5ib meie ainult",
        "gl": "de a o que e do da en un para con non unha os no se na por m\u00e1is as dos como mais ao el das \u00e1 seu s\u00faa ou cando moito nos xa tam\u00e9n s\u00f3 polo pola ata isto ela entre despois sen mesmo foi son \u00e9 est\u00e1 ten",
        "sl": "in je se na da za so ki z v pa ne bi ali kot tudi po od do \u0161e bil \u010de ni pri iz o bo lahko sem ko bilo le kar \u017ee ve\u010d zaradi med tako ter kako tem",
        "af": "die van en in is het dat nie vir om te met op hy wat as was deur sy na aan sal ook by word hulle kan ons meer of maar een jy uit so tot oor hierdie",
        "cy": "y yn a o i ar yr mae ei am gan oedd bod hyn eu wedi ac sy fod un nid ond fel hwn neu eich gyda drwy wrth roedd cael bydd",
        "lv": "un ir no ar uz par ka lai kas bet tas ar\u012b k\u0101 p\u0113c tika vai jau to ne vi\u0146\u0161 tiek pie l\u012bdz gada bija var nav ja b\u016bs vair\u0101k tikai savu",
        "eu": "eta da ez du dira bat ere baina izan egin zen dituen dute hau horrek beste den zuen bere edo duten behar baino ondoren",
        "ms": "yang dan di untuk dengan ini dari dalam pada itu tidak akan ke juga oleh para sudah mereka ada dia kerana lebih kami atau telah anda daripada kepada ialah boleh beliau seperti bagi tersebut bahawa orang menjadi secara",
        "nn": "og i det er p\u00e5 som ein til av for \u00e5 at med har dei ikkje eit om eg var fr\u00e5 vi men seg han kan vart skal ved etter eller ut n\u00e5r no ogs\u00e5 vere over hadde mot blir berre mange noko",
        "eo": "la de kaj en estas al ne por ke kun el \u011di sed pli oni kiu a\u016d \u0109i tiu estis pri per sur tio povas havas kiel se",
        "sq": "dhe n\u00eb e t\u00eb p\u00ebr nj\u00eb me q\u00eb nga \u00ebsht\u00eb i se ka nuk si por do jan\u00eb ky kjo k\u00ebt\u00eb tij u m\u00eb ose duke kur",
    },
    "cyrillic": {
        "ru": "\u0438 \u0432 \u043d\u0435 \u043d\u0430 \u0447\u0442\u043e \u0441 \u043f\u043e \u043a\u0430\u043a \u044d\u0442\u043e \u0430 \u0438\u0437 \u043e\u043d \u043a \u0443 \u0435\u0433\u043e \u0437\u0430 \u043e\u0442 \u0434\u043b\u044f \u0431\u044b\u043b\u043e \u0431\u044b\u043b \u0436\u0435 \u0431\u044b \u0438\u043b\u0438 \u0435\u0449\u0435 \u043d\u043e \u0442\u0430\u043a \u0438\u0445 \u0443\u0436\u0435 \u043f\u0440\u0438 \u0434\u043e \u043f\u043e\u0441\u043b\u0435 \u043a\u043e\u0442\u043e\u0440\u044b\u0435 \u043a\u043e\u0442\u043e\u0440\u044b\u0439 \u043e \u0442\u0430\u043a\u0436\u0435 \u043c\u044b \u0431\u044b\u043b\u0430 \u0442\u043e\u043b\u044c\u043a\u043e \u0433\u043e\u0434\u0430 \u044d\u0442\u043e\u0433\u043e \u0432\u0441\u0435",
        "uk": "\u0456 \u0432 \u043d\u0435 \u043d\u0430 \u0449\u043e \u0437 \u0434\u043e \u0437\u0430 \u0442\u0430 \u0430 \u0443 \u0446\u0435 \u044f\u043a \u0432\u0456\u0434 \u0434\u043b\u044f \u043f\u0440\u043e \u0439\u043e\u0433\u043e \u0432\u0456\u043d \u043f\u043e \u0439 \u0430\u043b\u0435 \u0456\u0437 \u0431\u0443\u043b\u043e \u0431\u0443\u0432 \u0430\u0431\u043e \u0449\u0435 \u0457\u0445 \u0432\u0436\u0435 \u043f\u0440\u0438 \u043f\u0456\u0441\u043b\u044f \u044f\u043a\u0456 \u044f\u043a\u0438\u0439 \u0442\u0430\u043a\u043e\u0436 \u043c\u0438 \u0431\u0443\u043b\u0430 \u0442\u0456\u043b\u044c\u043a\u0438 \u0440\u043e\u043a\u0443 \u0446\u044c\u043e\u0433\u043e \u0432\u0441\u0456 \u0454",
        "bg": "\u0438 \u043d\u0430 \u0434\u0430 \u0437\u0430 \u0432 \u0441\u0435 \u043e\u0442 \u0435 \u0441\u0430 \u0441 \u0442\u043e\u0432\u0430 \u0449\u0435 \u043d\u0435 \u043f\u043e \u043a\u0430\u0442\u043e \u0434\u043e \u0442\u043e\u0439 \u043a\u043e\u0438\u0442\u043e \u043e\u0449\u0435 \u043f\u0440\u0438 \u043d\u043e \u043a\u0430\u043a \u0441\u044a\u0441 \u0441\u043b\u0435\u0434 \u0431\u0435\u0448\u0435 \u0430 \u0442\u0430\u0437\u0438 \u0442\u0435 \u0438\u043c\u0430 \u0442\u043e\u0437\u0438 \u043c\u043d\u043e\u0433\u043e \u0438\u043b\u0438 \u0441\u0430\u043c\u043e \u043f\u0440\u0435\u0437 \u0431\u0438 \u043a\u043e\u0439\u0442\u043e \u043c\u0443 \u043a\u043e\u0433\u0430\u0442\u043e",
        "sr": "\u0438 \u0458\u0435 \u0443 \u0434\u0430 \u043d\u0430 \u0441\u0435 \u0437\u0430 \u0441\u0443 \u043e\u0434 \u0441\u0430 \u043a\u043e\u0458\u0438 \u043d\u0435 \u043a\u0430\u043e \u043e \u0438\u0437 \u0448\u0442\u043e \u0442\u043e \u0430\u043b\u0438 \u0434\u043e \u0431\u0438 \u0441\u0430\u043c\u043e \u043d\u0438\u0458\u0435 \u0458\u043e\u0448 \u0431\u0438\u043e \u043a\u043e\u0458\u0430 \u043f\u043e \u043a\u043e\u0458\u0435 \u043a\u0430\u043a\u043e \u0458\u0435\u0440 \u0438\u043b\u0438 \u0431\u0438\u043b\u0430 \u0433\u043e\u0434\u0438\u043d\u0435 \u0441\u0432\u0435 \u0432\u0435\u045b \u0448\u0442\u0430",
        "be": "\u0456 \u045e \u043d\u0435 \u043d\u0430 \u0448\u0442\u043e \u0437 \u0434\u0430 \u0437\u0430 \u0430 \u044f\u043a \u0433\u044d\u0442\u0430 \u0434\u043b\u044f \u043f\u0430 \u0451\u043d \u0430\u0431\u043e \u044f\u0433\u043e \u0430\u0434 \u0443 \u043f\u0440\u044b \u0442\u0430\u043a\u0441\u0430\u043c\u0430 \u0433\u044d\u0442\u0430\u0433\u0430 \u0431\u044b\u045e \u0431\u044b\u043b\u043e \u043a\u0430\u0431 \u044f\u043d\u044b \u043a\u0430\u043b\u0456 \u0430\u043b\u0435 \u0446\u0456 \u0456\u0445",
        "mk": "\u0438 \u043d\u0430 \u0434\u0430 \u0432\u043e \u0441\u0435 \u043e\u0434 \u0437\u0430 \u0435 \u0441\u043e \u043d\u0435 \u0448\u0442\u043e \u0433\u0438 \u0433\u043e \u043a\u0430\u043a\u043e \u043f\u043e \u045c\u0435 \u0442\u043e\u0430 \u043d\u043e \u0438\u043b\u0438 \u0434\u043e \u0431\u0435\u0448\u0435 \u0441\u0443\u043c \u043a\u043e\u0458\u0430 \u043a\u043e\u0458 \u043a\u043e\u0438 \u0441\u0430\u043c\u043e \u0443\u0448\u0442\u0435 \u0458\u0430 \u0438\u043c\u0430 \u043f\u0440\u0438 \u0434\u0432\u0435 \u043e\u0432\u043e\u0458",
    },
    "arabic": {
        "ar": "\u0641\u064a \u0645\u0646 \u0639\u0644\u0649 \u0625\u0644\u0649 \u0623\u0646 \u0627\u0644\u062a\u064a \u0639\u0646 \u0627\u0644\u0630\u064a \u0645\u0639 \u0647\u0630\u0627 \u0647\u0630\u0647 \u0645\u0627 \u0644\u0627 \u0643\u0627\u0646 \u0625\u0646 \u0628\u0639\u062f \u0642\u0627\u0644 \u0648\u0642\u062f \u0648\u0644\u0627 \u0628\u064a\u0646 \u0643\u0645\u0627 \u063a\u064a\u0631 \u0643\u0644 \u0644\u0645 \u0623\u0648 \u0643\u0627\u0646\u062a \u0642\u0628\u0644 \u0630\u0644\u0643 \u0647\u0648 \u064a\u0648\u0645 \u062e\u0644\u0627\u0644 \u062d\u064a\u062b \u062b\u0645 \u0647\u064a \u0639\u0646\u062f \u062d\u062a\u0649 \u0642\u062f \u0639\u0627\u0645 \u0644\u0643\u0646 \u0645\u0646\u0630 \u0648\u0645\u0646 \u0648\u0641\u064a \u0642\u0627\u0644\u062a",
        "fa": "\u0648 \u062f\u0631 \u0628\u0647 \u0627\u0632 \u06a9\u0647 \u0627\u06cc\u0646 \u0631\u0627 \u0628\u0627 \u0627\u0633\u062a \u0628\u0631\u0627\u06cc \u0622\u0646 \u06cc\u06a9 \u062e\u0648\u062f \u062a\u0627 \u06a9\u0631\u062f \u0628\u0631 \u0647\u0645 \u0634\u062f\u0647 \u0634\u062f \u0646\u06cc\u0632 \u0645\u06cc \u0647\u0627\u06cc \u06a9\u0631\u062f\u0647 \u0628\u0648\u062f \u062f\u0648 \u06af\u0641\u062a \u0627\u06af\u0631 \u0645\u06cc\u200c\u0634\u0648\u062f \u0628\u0627\u06cc\u062f \u0647\u0633\u062a\u0646\u062f \u0627\u0648 \u0645\u0627 \u0647\u0631 \u067e\u0633 \u062f\u0627\u0631\u062f",
        "ur": "\u06a9\u06d2 \u06a9\u06cc \u0645\u06cc\u06ba \u06c1\u06d2 \u0627\u0648\u0631 \u0633\u06d2 \u06a9\u0627 \u06a9\u0648 \u0627\u0633 \u06a9\u06c1 \u06c1\u06cc\u06ba \u067e\u0631 \u0646\u06d2 \u06cc\u06c1 \u0628\u06be\u06cc \u06a9\u0631 \u0627\u06cc\u06a9 \u06c1\u06cc \u062a\u06be\u0627 \u0648\u06c1 \u062c\u0648 \u0646\u06c1\u06cc\u06ba \u062a\u06be\u06d2 \u06af\u06cc\u0627 \u06c1\u0648 \u0644\u06cc\u06d2 \u06a9\u06cc\u0627 \u06a9\u0631\u0646\u06d2",
    },
    "devanagari": {
        "hi": "\u0915\u0947 \u092e\u0947\u0902 \u0915\u0940 \u0939\u0948 \u0914\u0930 \u0938\u0947 \u0915\u093e \u0915\u094b \u0939\u0948\u0902 \u092a\u0930 \u0928\u0947 \u0915\u093f \u092d\u0940 \u0907\u0938 \u090f\u0915 \u0915\u0930 \u0928\u0939\u0940\u0902 \u0939\u0940 \u0915\u0947 \u0932\u093f\u090f \u0924\u094b \u0925\u093e \u092f\u0939 \u0935\u0939 \u0917\u092f\u093e \u0915\u093f\u092f\u093e \u0939\u094b \u0909\u0928\u094d\u0939\u094b\u0902\u0928\u0947 \u091c\u094b \u092f\u093e \u0925\u0947 \u0909\u0938 \u0915\u0939\u093e",
        "mr": "\u0906\u0923\u093f \u0906\u0939\u0947 \u092f\u093e \u0928\u093e\u0939\u0940 \u0924\u094d\u092f\u093e \u0939\u0947 \u0924\u0947 \u0915\u0930\u0923\u094d\u092f\u093e\u0924 \u092f\u093e\u0902\u0928\u0940 \u0915\u0947\u0932\u0940 \u0939\u094b\u0924\u0947 \u0939\u094b\u0924\u093e \u0939\u094b\u0924\u0940 \u0906\u0939\u0947\u0924 \u0939\u093e \u0939\u0940 \u0935 \u0915\u0947\u0932\u093e \u0925\u094b\u0921\u0947 \u0924\u0930 \u092a\u0923 \u0915\u0940 \u0938\u093e\u0920\u0940",
        "ne": "\u0930 \u091b \u0915\u094b \u0932\u093e\u0908 \u0917\u0930\u094d\u0928\u0947 \u092f\u094b \u092a\u0928\u093f \u0924\u0925\u093e \u0917\u0930\u0947\u0915\u094b \u092d\u090f\u0915\u094b \u091b\u0928\u094d \u0932\u0947 \u092e\u093e \u0939\u094b \u0928\u0947\u092a\u093e\u0932 \u0939\u0941\u0928\u0947 \u0925\u093f\u092f\u094b \u092d\u0928\u0947 \u0917\u0930\u0940",
    },
}  # fmt: skip
WORD = re.compile(
    r"[^\W\d_]++(?:['\u2019\u200c][^\W\d_]++)*+[\u0900-\u0903\u093a-\u094f]*+(?:[^\W\d_]|[\u0900-\u0903\u093a-\u094f\u0951])*+"
)
# The same where nothing is beyond ASCII.
ASCII_WORD = re.compile("[a-z]++(?:'[a-z]++)*+")


def language_of(text: str) -> str:
    """The language of a text as a code of ISO 639-1; empty where there is too little of it, where it is mixed, or where the table does not know it.

    >>> language_of("The ferry left at dawn, and nobody on the quay saw it go, for it was dark and it had rained.")
    'en'
    >>> language_of("Kolmar 4, Ormsey 2")
    ''
    """
    sample = text[:SAMPLE_CHARACTERS]
    script = _script(sample)
    return _by_words(sample, script) if script in COMMON else script


def _script(sample: str) -> str:
    """The script that prevails, or the language that it is the script of; empty where none does."""
    if sample.isascii():
        return "latin"
    patterns = _patterns()
    # Most texts are Latin: one search where else there would be twenty.
    total, latin = sum(map(str.isalpha, sample)), len(patterns["latin"].findall(sample))
    if 100 * latin >= MIN_SCRIPT_PERCENT * total:
        return "latin"
    letters = Counter({name: len(pattern.findall(sample)) for name, pattern in patterns.items()})
    total = letters.total()
    if total < MIN_LETTERS:
        return ""
    kana, han = letters.pop("kana"), letters.pop("han")
    if 100 * (kana + han) >= MIN_SCRIPT_PERCENT * total:
        return "ja" if 100 * kana >= MIN_KANA_PERCENT * (kana + han) else "zh"
    name, count = max(letters.items(), key=lambda found: found[1])
    return name if 100 * count >= MIN_SCRIPT_PERCENT * total else ""


def _by_words(sample: str, script: str) -> str:
    """The language of the script that most of the common words are of, by a clear lead."""
    words = (ASCII_WORD if sample.isascii() else WORD).findall(sample.lower().replace("\u2019", "'"))
    if len(words) < MIN_WORDS:
        return ""
    counts = Counter(words)
    common = COMMON[script]
    hits = dict.fromkeys(common, 0)
    languages = _languages(script)
    for word in counts.keys() & languages.keys():
        for name in languages[word]:
            hits[name] += counts[word]
    best = max(hits, key=lambda name: hits[name])
    is_common = 100 * hits[best] >= MIN_COMMON_PERCENT * len(words)
    rivals = (name for name in common if name != best and 2 * hits[name] >= hits[best])
    return best if is_common and all(_is_nearer(counts, common[best], common[name]) for name in rivals) else ""


def _is_nearer(counts: Counter[str], said: str, other: str) -> bool:
    """Whether of the words that only one of two languages has clearly more are of the first."""
    own = sum(counts[word] for word in _words(said) - _words(other))
    others = sum(counts[word] for word in _words(other) - _words(said))
    return own >= MIN_OWN_WORDS and own >= MIN_OWN_LEAD * others


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(f"[{ranges}]") for name, ranges in SCRIPTS.items()}


@cache
def _languages(script: str) -> dict[str, list[str]]:
    """The languages of a script that each of its common words is of."""
    found: dict[str, list[str]] = {}
    for name, said in COMMON[script].items():
        for word in _words(said):
            found.setdefault(word, []).append(name)
    return found


@cache
def _words(said: str) -> frozenset[str]:
    return frozenset(said.split())
