"""Domains in which anybody can have an address, so that no organization may claim them."""

_NAMES = """
gmail.com googlemail.com
outlook.com outlook.at outlook.be outlook.cl outlook.cz outlook.de outlook.dk outlook.es outlook.fr
outlook.ie outlook.in outlook.it outlook.jp outlook.kr outlook.pt outlook.sa outlook.co.id
outlook.co.nz outlook.co.th outlook.com.ar outlook.com.au outlook.com.br outlook.com.gr
outlook.com.tr outlook.com.vn
hotmail.com hotmail.at hotmail.be hotmail.ca hotmail.ch hotmail.cl hotmail.de hotmail.dk hotmail.es
hotmail.fi hotmail.fr hotmail.gr hotmail.hu hotmail.it hotmail.nl hotmail.no hotmail.se hotmail.sg
hotmail.co.id hotmail.co.il hotmail.co.in hotmail.co.jp hotmail.co.kr hotmail.co.nz hotmail.co.th
hotmail.co.uk hotmail.co.za hotmail.com.ar hotmail.com.au hotmail.com.br hotmail.com.mx
hotmail.com.tr
live.com live.at live.be live.ca live.cl live.cn live.de live.dk live.fi live.fr live.hk live.ie
live.in live.it live.jp live.nl live.no live.ru live.se live.co.kr live.co.uk live.co.za
live.com.ar live.com.au live.com.mx live.com.my live.com.pt live.com.sg
msn.com passport.com windowslive.com
yahoo.com yahoo.at yahoo.be yahoo.ca yahoo.cl yahoo.cn yahoo.cz yahoo.de yahoo.dk yahoo.es yahoo.fi
yahoo.fr yahoo.gr yahoo.hu yahoo.ie yahoo.in yahoo.it yahoo.nl yahoo.no yahoo.pl yahoo.pt yahoo.ro
yahoo.se yahoo.co.id yahoo.co.il yahoo.co.in yahoo.co.jp yahoo.co.kr yahoo.co.nz yahoo.co.th
yahoo.co.uk yahoo.co.za yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.cn yahoo.com.co
yahoo.com.hk yahoo.com.mx yahoo.com.my yahoo.com.ph yahoo.com.sg yahoo.com.tr yahoo.com.tw
yahoo.com.vn ymail.com rocketmail.com myyahoo.com
aol.com aol.de aol.fr aol.it aol.co.uk aim.com love.com verizon.net netscape.net
icloud.com me.com mac.com privaterelay.appleid.com
proton.me protonmail.com protonmail.ch pm.me passmail.net
gmx.com gmx.net gmx.de gmx.at gmx.ch gmx.eu gmx.fr gmx.us gmx.co.uk web.de mail.com email.com
usa.com consultant.com europe.com post.com freenet.de t-online.de arcor.de online.de 1und1.de
kabelmail.de vodafone.de o2online.de posteo.de posteo.net mailbox.org tutanota.com tutanota.de
tutamail.com tuta.io tuta.com keemail.me
fastmail.com fastmail.fm fastmail.net hey.com zoho.com zohomail.com zohomail.eu zohomail.in
hushmail.com hush.com runbox.com startmail.com disroot.org riseup.net mailfence.com posteo.eu
duck.com mozmail.com simplelogin.com anonaddy.com
yandex.ru yandex.com yandex.by yandex.kz yandex.ua ya.ru mail.ru inbox.ru list.ru bk.ru internet.ru
rambler.ru lenta.ru autorambler.ru ro.ru ukr.net i.ua meta.ua bigmir.net
qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn wo.cn 21cn.com
aliyun.com tom.com vip.qq.com vip.163.com vip.sina.com
naver.com hanmail.net daum.net nate.com kakao.com
docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp nifty.com biglobe.ne.jp
excite.co.jp infoseek.jp
rediffmail.com indiatimes.com sify.com
orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr numericable.fr club-internet.fr
alice.it libero.it virgilio.it tiscali.it tin.it tim.it fastwebnet.it inwind.it iol.it poste.it
terra.es telefonica.net
sapo.pt mail.pt clix.pt
bol.com.br uol.com.br terra.com.br ig.com.br globo.com globomail.com oi.com.br r7.com zipmail.com.br
btinternet.com bt.com btopenworld.com sky.com talktalk.net virginmedia.com virgin.net ntlworld.com
blueyonder.co.uk plusnet.com tiscali.co.uk eircom.net
ziggo.nl kpnmail.nl planet.nl hetnet.nl home.nl xs4all.nl casema.nl chello.nl quicknet.nl
telenet.be skynet.be proximus.be scarlet.be
bluewin.ch hispeed.ch sunrise.ch chello.at aon.at
telia.com spray.se bredband.net comhem.se online.no broadpark.no tdcadsl.dk mail.dk
luukku.com kolumbus.fi elisanet.fi suomi24.fi
wp.pl o2.pl onet.pl onet.eu interia.pl interia.eu poczta.fm gazeta.pl tlen.pl op.pl vp.pl
seznam.cz email.cz post.cz centrum.cz volny.cz atlas.cz azet.sk centrum.sk zoznam.sk post.sk
freemail.hu citromail.hu indamail.hu t-online.hu
abv.bg mail.bg dir.bg
inbox.lv inbox.lt mail.ee hot.ee one.lt
mynet.com walla.co.il walla.com
comcast.net att.net sbcglobal.net bellsouth.net charter.net cox.net earthlink.net juno.com
netzero.net optonline.net roadrunner.com frontier.com windstream.net embarqmail.com centurylink.net
q.com mindspring.com pacbell.net ameritech.net swbell.net optimum.net lycos.com excite.com
inbox.com
rogers.com shaw.ca sympatico.ca bell.net telus.net videotron.ca cogeco.ca
bigpond.com bigpond.net.au optusnet.com.au iinet.net.au tpg.com.au westnet.com.au
xtra.co.nz slingshot.co.nz
telkomsa.net mweb.co.za vodamail.co.za webmail.co.za
mailinator.com guerrillamail.com guerrillamail.info sharklasers.com 10minutemail.com temp-mail.org
tempmail.com yopmail.com yopmail.fr trashmail.com trashmail.de maildrop.cc getnada.com
dispostable.com throwawaymail.com fakeinbox.com mintemail.com mohmal.com moakt.com
emailondeck.com discard.email
spamgourmet.com mailnesia.com mytemp.email burnermail.io
"""
PUBLIC_MAIL_DOMAINS = frozenset(_NAMES.split())
"""The well-known ones, in IDNA ASCII and lower case."""


def is_public(domain: str) -> bool:
    """Whether a domain (canonical form) or one above it hands out addresses to everybody."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in PUBLIC_MAIL_DOMAINS for start in range(len(labels) - 1))
